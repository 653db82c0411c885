using CustomerFunctions.Accounts;
using NodaTime.TimeZones;

namespace CustomerFunctions.Tests.Accounts;

public sealed class TimeZonesTests
{
    [Fact]
    public void Every_name_of_the_database_is_one_links_too() =>
        TzdbDateTimeZoneSource.Default.GetIds().Where(id => !TimeZones.Contains(id)).Should().BeEmpty();

    [Theory]
    [InlineData("US/Pacific", true)]
    [InlineData("Europe/Berlin", true)]
    [InlineData("europe/berlin", false)]
    [InlineData("Mars/Olympus", false)]
    [InlineData("Factory", false)]
    public void A_name_is_compared_letter_by_letter(string name, bool isKnown) => TimeZones.Contains(name).Should().Be(isKnown);
}
