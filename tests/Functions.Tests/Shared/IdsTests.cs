using CustomerFunctions.Shared;
using FsCheck.Fluent;

namespace CustomerFunctions.Tests.Shared;

public sealed class IdsTests
{
    [Fact]
    public void Ids_sort_by_the_time_they_were_made() => Generated.Check(
        from earlier in Generated.Instant() from later in Generated.Instant() where earlier < later select (earlier, later),
        one => string.CompareOrdinal(Ids.Customer(new Frozen(one.earlier)), Ids.Customer(new Frozen(one.later))).Should().BeNegative());

    [Fact]
    public void Ids_of_one_instant_differ()
    {
        var clock = new Frozen(DateTimeOffset.UnixEpoch);
        Enumerable.Range(0, 10_000).Select(_ => Ids.Key(clock)).Should().OnlyHaveUniqueItems();
    }

    [Fact]
    public void What_is_made_here_is_valid_here_and_only_under_its_own_prefix()
    {
        var id = Ids.ServiceAccount(TimeProvider.System);
        Ids.IsValid(id, "sva_").Should().BeTrue();
        Ids.IsValid(id, "cus_").Should().BeFalse();
        Ids.IsUlid(Ids.Ulid(id)).Should().BeTrue();
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("cus_")]
    [InlineData("cus_01M7Y40N37J6FNPYS4GAQYTKN")]
    [InlineData("cus_01M7Y40N37J6FNPYS4GAQYTKN55")]
    [InlineData("cus_01m7y40n37j6fnpys4gaqytkn5")]
    [InlineData("cus_81M7Y40N37J6FNPYS4GAQYTKN5")]
    [InlineData("cus_01M7Y40N37J6FNPYS4GAQYTKNI")]
    [InlineData("cus_01M7Y40N37J6FNPYS4GAQYTK/5")]
    [InlineData("CUS_01M7Y40N37J6FNPYS4GAQYTKN5")]
    public void Anything_else_is_no_id(string? id) => Ids.IsValid(id, "cus_").Should().BeFalse();

    private sealed class Frozen(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
