using System.Text.Json;
using System.Xml;
using CustomerFunctions.Shared;
using FsCheck.Fluent;

namespace CustomerFunctions.Tests.Shared;

public sealed class JsonTests
{
    private static readonly JsonSerializerOptions Options = new() { Converters = { new InstantConverter(), new DurationConverter() } };

    [Fact]
    public void Instants_order_as_text_as_they_do_in_time() => Generated.Check(
        from one in Generated.Instant() from other in Generated.Instant() select (one, other),
        pair => Math.Sign(string.CompareOrdinal(InstantConverter.Text(pair.one), InstantConverter.Text(pair.other))).Should().Be(pair.one.CompareTo(pair.other)));

    [Fact]
    public void An_instant_is_read_back_as_it_was_written() => Generated.Check(Generated.Instant(), instant =>
        JsonSerializer.Deserialize<DateTimeOffset>(JsonSerializer.Serialize(instant, Options), Options).Should().Be(instant));

    [Fact]
    public void An_instant_of_another_zone_is_kept_in_UTC() =>
        JsonSerializer.Serialize(JsonSerializer.Deserialize<DateTimeOffset>("\"2026-11-21T04:00:00+01:00\"", Options), Options).Should().Be("\"2026-11-21T03:00:00.000Z\"");

    [Fact]
    public void A_duration_is_read_back_as_it_was_written() => Generated.Check(
        Gen.Choose(-1_000_000, 60_000_000).Select(seconds => TimeSpan.FromSeconds(seconds)),
        duration => DurationConverter.Parse(XmlConvert.ToString(duration)).Should().Be(duration));

    [Theory]
    [InlineData("P90D", 90 * 24 * 60)]
    [InlineData("PT12H", 12 * 60)]
    [InlineData("PT5M", 5)]
    [InlineData("P1DT2H3M", (26 * 60) + 3)]
    public void Durations_are_days_and_time(string text, int minutes) => DurationConverter.Parse(text).Should().Be(TimeSpan.FromMinutes(minutes));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("P")]
    [InlineData("PT")]
    [InlineData("90D")]
    [InlineData("P1M")]
    [InlineData("P1Y")]
    [InlineData("P1Y2DT3H")]
    [InlineData("1.00:00:00")]
    [InlineData("P99999999999D")]
    [InlineData("P1W")]
    public void Months_years_and_other_forms_are_refused(string? text) => DurationConverter.Parse(text).Should().BeNull();
}
