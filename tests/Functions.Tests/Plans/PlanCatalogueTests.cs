using CustomerFunctions.Customers;
using CustomerFunctions.Flags;
using CustomerFunctions.Plans;

namespace CustomerFunctions.Tests.Plans;

/// <summary>The definition of the plans, and what is wrong with a wrong one.</summary>
public sealed class PlanCatalogueTests
{
    private static readonly string Json = File.ReadAllText(Path.Combine(LocalCloud.Metadata("RepositoryRoot"), "src", "Functions", "Plans", "plans.json"));

    [Theory]
    [InlineData("\"name\": \"free\"", "\"name\": \"gratis\"", "there is no plan 'free'")]
    [InlineData("\"name\": \"basic\"", "\"name\": \"free\"", "free is there more than once")]
    [InlineData("\"requestsPerMinute\": 300", "\"requestsPerMinute\": 0", "basic: requestsPerMinute must be at least 1")]
    [InlineData("\"P90D\"", "\"PT0S\"", "basic: auditRetention must be at least a day")]
    [InlineData("\"meter\": \"fix\", \"perMonth\": 5,", "\"meter\": \"fixes\", \"perMonth\": 5,", "free: there is no meter 'fixes'")]
    [InlineData("\"perMonth\": 5,", "\"perMonth\": 0,", "free: the quota for 'fix' must be at least 1")]
    [InlineData("\"perMonth\": 1000000, \"rollover\": 0, \"overage\": \"notify\"", "\"perMonth\": 1000000, \"rollover\": 0, \"overage\": \"stop\"", "professional: the quota for 'apiRequest' can only notify")]
    [InlineData("\"auditExport\"", "\"auditImport\"", "enterprise: there is no feature flag 'auditImport'")]
    [InlineData("\"P3D\"", "\"P14D\"", "trial: a trial's reminders lie within it")]
    [InlineData("\"units\": 10", "\"units\": 0", "trial: a trial has time and units")]
    [InlineData("\"overage\": \"stop\"", "\"overage\": \"shrug\"", "Plans: ")]
    [InlineData("[\"Contributor\"]", "[\"Contributor\", \"contributor\"]", "enterprise: the roleTemplate has 'Contributor' more than once")]
    [InlineData("[\"Contributor\"]", "[\" \"]", "enterprise: a role of the roleTemplate has no name")]
    [InlineData("\"roleTemplate\": [\"Contributor\"],", "", "roleTemplate")]
    [InlineData("\"title\": \"Free\"", "\"titel\": \"Free\"", "titel")]
    public void A_wrong_definition_stops_the_app_with_a_line_that_says_what_is_wrong(string right, string wrong, string line)
    {
        Json.Should().Contain(right);
        var reading = () => PlanCatalogue.Parse(Json.Replace(right, wrong, StringComparison.Ordinal));
        reading.Should().Throw<SettingsException>().Which.Message.Should().StartWith("Plans: ").And.Contain(line);
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        var reading = () => PlanCatalogue.Parse(Json.Replace("\"perMonth\": 5,", "\"perMonth\": 0,", StringComparison.Ordinal).Replace("\"units\": 10", "\"units\": 0", StringComparison.Ordinal));
        reading.Should().Throw<SettingsException>().Which.Message.Should().Contain("free: ").And.Contain("trial: ");
    }

    [Fact]
    public void A_plan_that_nobody_knows_is_the_free_one_and_gives_no_role()
    {
        PlanCatalogue.Of("vip").Name.Should().Be("free");
        var customer = Customer.Start("cus_1", "ada", new CustomerFields("Ada", "ada@example.com"), "admin", DateTimeOffset.UnixEpoch);
        FeatureFlags.All.Where(flag => FeatureFlags.IsEnabled(flag, customer with { Plan = "vip" })).Should().Equal(FeatureFlags.All.Where(flag => FeatureFlags.IsEnabled(flag, customer with { Plan = "free" })));
        AppSettings.Nowhere.Roles.Of("vip").Should().BeEmpty();
        AppSettings.Nowhere.Roles.Of("professional").Should().Equal("Reader", "Monitoring Reader");
    }

    [Fact]
    public void Every_feature_flag_comes_with_some_plan() =>
        PlanCatalogue.Current.Plans.SelectMany(plan => plan.FeatureFlags).Distinct().Should().BeEquivalentTo(FeatureFlags.All.Select(flag => flag.Name));
}
