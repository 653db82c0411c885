using System.IO.Compression;
using System.Text;
using CustomerFunctions.Shared;
using FsCheck;
using FsCheck.Fluent;

namespace CustomerFunctions.Tests.Shared;

public sealed class ApiKeyTextTests
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static readonly Gen<ApiKeyText> Keys = Gen.Elements("live", "local", "t1").Select(environment => ApiKeyText.Create(environment, Ids.NewUlid(TimeProvider.System)));

    [Fact]
    public void A_key_is_read_back_as_it_was_made() => Generated.Check(Keys, key =>
    {
        var read = ApiKeyText.Parse(key.Reveal())!;
        read.Holder.Should().Be(key.Holder);
        read.Reveal().Should().Be(key.Reveal());
        read.Matches(key.Hash()).Should().BeTrue();
    });

    [Fact]
    public void Any_changed_character_is_noticed_without_a_lookup() => Generated.Check(
        from key in Keys
        from at in Gen.Choose(0, key.Reveal().Length - 1)
        from other in Gen.Elements((Digits + "_-").ToCharArray())
        where key.Reveal()[at] != other
        select key.Reveal()[..at] + other + key.Reveal()[(at + 1)..],
        changed => ApiKeyText.Parse(changed).Should().BeNull(), count: 2_000);

    [Fact]
    public void So_are_a_lost_a_doubled_and_two_swapped_characters() => Generated.Check(
        from key in Keys
        from at in Gen.Choose(0, key.Reveal().Length - 2)
        where key.Reveal()[at] != key.Reveal()[at + 1]
        select (Text: key.Reveal(), At: at),
        one =>
        {
            var (text, at) = one;
            ApiKeyText.Parse(text.Remove(at, 1)).Should().BeNull();
            ApiKeyText.Parse(text.Insert(at, text[at].ToString())).Should().BeNull();
            ApiKeyText.Parse(text[..at] + text[at + 1] + text[at] + text[(at + 2)..]).Should().BeNull();
        });

    [Fact]
    public void The_last_six_characters_are_the_crc_that_zip_computes() => Generated.Check(Keys, key =>
    {
        var text = key.Reveal();
        var checksum = text[^6..].Aggregate(0UL, (value, digit) => (value * 62) + (ulong)Digits.IndexOf(digit, StringComparison.Ordinal));
        checksum.Should().Be(ZipCrc(text[..^6]));
    }, count: 100);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("cf_")]
    [InlineData("cf___")]
    [InlineData("cf_live_00000000000000000000000000_")]
    [InlineData("password")]
    [InlineData("cf_live_8ZZZZZZZZZZZZZZZZZZZZZZZZZ_0000000000000000000000000000000000000000000000000")]
    public void What_is_no_key_is_none(string? text) => ApiKeyText.Parse(text).Should().BeNull();

    [Fact]
    public void A_key_does_not_print_itself() => Generated.Check(Keys, key => $"{key}".Should().Be($"cf_…{key.Reveal()[^4..]}"));

    [Fact]
    public void No_hash_matches_a_key_but_its_own()
    {
        var key = ApiKeyText.Create("live", Ids.NewUlid(TimeProvider.System));

        key.Matches(ApiKeyText.Create("live", key.Holder).Hash()).Should().BeFalse();
        key.Matches(null).Should().BeFalse();
        key.Matches("").Should().BeFalse();
    }

    [Theory]
    [InlineData("live", true)]
    [InlineData("t1", true)]
    [InlineData("a23456789012", true)]
    [InlineData("a234567890123", false)]
    [InlineData("", false)]
    [InlineData("Live", false)]
    [InlineData("li_ve", false)]
    public void An_environments_name_fits_into_a_key(string name, bool fits) => ApiKeyText.IsEnvironment(name).Should().Be(fits);

    private static uint ZipCrc(string text)
    {
        using var archive = new MemoryStream();
        using (var writing = new ZipArchive(archive, ZipArchiveMode.Create, leaveOpen: true))
        using (var entry = writing.CreateEntry("text").Open()) { entry.Write(Encoding.ASCII.GetBytes(text)); }
        using var reading = new ZipArchive(archive, ZipArchiveMode.Read);
        return reading.Entries[0].Crc32;
    }
}
