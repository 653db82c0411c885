using CustomerFunctions.Access;
using CustomerFunctions.Names;

namespace CustomerFunctions.Tests.Access;

public sealed class KeyHolderCacheTests
{
    private const string Ulid = "01M7Y40N37J6FNPYS4GAQYTKN5";

    [Fact]
    public void What_was_asked_for_before_a_change_is_not_kept_after_it()
    {
        using var cache = new KeyHolderCache(TimeProvider.System);
        var (pointer, asked) = (DirectoryStore.KeyId(Ulid), TimeProvider.System.GetTimestamp());
        cache.KeepHolder(pointer, holder: null, asked);
        cache.TryFindHolder(pointer, out _).Should().BeTrue();

        cache.Forget(Ulid);
        cache.KeepHolder(pointer, holder: null, asked);
        cache.KeepPointer(pointer, claim: null, asked);

        cache.TryFindHolder(pointer, out _).Should().BeFalse();
        cache.TryFindPointer(pointer, out _).Should().BeFalse();
        cache.KeepHolder(pointer, holder: null, TimeProvider.System.GetTimestamp() + 1);
        cache.TryFindHolder(pointer, out _).Should().BeTrue("it was asked for afterwards");
    }
}
