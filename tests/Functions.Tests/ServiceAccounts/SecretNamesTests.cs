using CustomerFunctions.ServiceAccounts;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>What service accounts' secrets are called, within what Key Vault takes.</summary>
public sealed class SecretNamesTests
{
    private const string LongestEnvironment = "production12";
    private static readonly string LongestSlug = string.Join('-', Enumerable.Repeat("abcde", 10)) + "x";

    [Theory]
    [InlineData("acme", "live", "Deploy to prod", "sva-acme-live-deploy-to-prod")]
    [InlineData("acme", "dev", "Söhne & Co", "sva-acme-dev-sohne-co")]
    [InlineData("acme-labs", "local", "!", "sva-acme-labs-local-account")]
    [InlineData("acme", "live", "x", "sva-acme-live-account-x")]
    [InlineData("acme", "live", "An account whose name is longer than anybody reads", "sva-acme-live-an-account-whose-name-is-longer-than-any")]
    public void A_name_says_whose_in_which_environment_and_which(string slug, string environment, string name, string expected) => SecretNames.Of(slug, environment, name).Should().Be(expected);

    [Fact]
    public void The_longest_name_has_room_to_be_told_apart_and_numbered()
    {
        var longest = SecretNames.Of(LongestSlug.PadRight(60, 'z'), LongestEnvironment, new string('n', 60));
        longest.Should().HaveLength(118);

        var apart = SecretNames.Apart(longest, "sva_01M7Y6VK7CJDJN8XCW34DNMMGV");

        apart.Should().Be(longest + "-dnmmgv");
        SecretNames.Numbered(apart, 2).Should().Be(apart + "-2").And.HaveLength(SecretNames.Longest);
    }

    [Fact]
    public void No_slug_environment_name_or_number_makes_a_name_that_Key_Vault_refuses()
    {
        foreach (var slug in new[] { "abc", LongestSlug, LongestSlug.PadRight(60, 'z') })
        {
            foreach (var environment in new[] { "a", "local", LongestEnvironment })
            {
                foreach (var length in Enumerable.Range(1, 60))
                {
                    var name = SecretNames.Of(slug, environment, new string('n', length));
                    foreach (var derived in new[] { 2, 9, 10, 999, 1_000_000 }.SelectMany(number => new[] { SecretNames.Numbered(name, number), SecretNames.Numbered(SecretNames.Apart(name, "sva_01M7Y6VK7CJDJN8XCW34DNMMGV"), number) }).Append(name))
                    {
                        derived.Should().MatchRegex("^[0-9a-z]+(-[0-9a-z]+)*$").And.StartWith($"sva-{slug}-{environment}-");
                        derived.Length.Should().BeLessThanOrEqualTo(SecretNames.Longest);
                    }
                }
            }
        }
    }

    [Fact]
    public void A_name_that_is_cut_for_its_number_still_has_it() =>
        new[] { 10, 11, 100 }.Select(number => SecretNames.Numbered(new string('a', 125) + "-b", number)).Should().Equal(new string('a', 124) + "-10", new string('a', 124) + "-11", new string('a', 123) + "-100");
}
