using System.Text.RegularExpressions;
using CustomerFunctions.Names;

namespace CustomerFunctions.Tests.Names;

public sealed partial class SlugsTests
{
    [Theory]
    [InlineData("Ada Lovelace", "ada-lovelace")]
    [InlineData("  Ada   Lovelace  ", "ada-lovelace")]
    [InlineData("Ada & Söhne GmbH", "ada-sohne-gmbh")]
    [InlineData("Éclair—Café", "eclair-cafe")]
    [InlineData("E\u0301clair", "eclair")]
    [InlineData("Straße Łódź Ærø", "strasse-lodz-aero")]
    [InlineData("Việt Nam", "viet-nam")]
    [InlineData("R2-D2", "r2-d2")]
    [InlineData("a__b", "a-b")]
    [InlineData("中文", "customer")]
    [InlineData("!!!", "customer")]
    [InlineData("Ö", "customer-o")]
    [InlineData("Q9", "customer-q9")]
    public void A_name_becomes_what_can_stand_in_a_url(string name, string slug) =>
        Slugs.From(name, maxLength: 50, fallback: "customer").Should().Be(slug);

    [Fact]
    public void Whatever_the_name_the_slug_has_the_form_that_a_chosen_one_must_have() =>
        Generated.Check(Generated.Text(200), name => Slugs.From(name, 50, "customer").Should().MatchRegex(Form()));

    [Fact]
    public void A_slug_is_its_own_slug() => Generated.Check(Generated.Text(), name =>
    {
        var slug = Slugs.From(name, 50, "customer");
        Slugs.From(slug, 50, "customer").Should().Be(slug);
    });

    [GeneratedRegex("^(?=.{3,60}$)[a-z0-9]+(-[a-z0-9]+)*$")]
    private static partial Regex Form();
}
