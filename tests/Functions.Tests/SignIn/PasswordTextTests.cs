using CustomerFunctions.Edge;
using CustomerFunctions.SignIn;

namespace CustomerFunctions.Tests.SignIn;

public sealed class PasswordTextTests
{
    /// <summary>RFC 8265, 4.2 and the examples of 4.3.</summary>
    [Theory]
    [InlineData("correct horse battery staple", "correct horse battery staple")]
    [InlineData("Correct Horse Battery Staple", "Correct Horse Battery Staple")]
    [InlineData("πßå", "πßå")]
    [InlineData("Jack of ♦s", "Jack of ♦s")]
    [InlineData("foo\u1680bar", "foo bar")]
    [InlineData("foo\u00a0bar\u3000", "foo bar ")]
    [InlineData("  led  ", "  led  ")]
    [InlineData("se\u0301same", "sésame")]
    [InlineData("\u1112\u1161\u11ab", "한")]
    public void A_password_is_prepared_as_an_OpaqueString(string given, string prepared)
    {
        PasswordText.Prepare(given).Should().Be(prepared);
        PasswordText.Prepare(prepared).Should().Be(prepared);
    }

    [Theory]
    [InlineData("🚀", 7, "too-short")]
    [InlineData("🚀𠮷", 4, null)]
    [InlineData("e\u0301", 7, "too-short")]
    [InlineData("🚀é水", 42, null)]
    [InlineData("🚀é水x", 33, "too-long")]
    [InlineData("long enough\u0007 ", 1, "control-character")]
    [InlineData("long enough\u2028 ", 1, "control-character")]
    public void A_rule_looks_at_the_code_points_of_what_is_prepared(string part, int times, string? code)
    {
        var checks = new Checks();

        PasswordRules.Check(checks, "/password", string.Concat(Enumerable.Repeat(part, times)), email: null, name: null);

        if (code is null) { (checks.Refusal is null || checks.Refusal.Errors!.All(error => error.Code is "too-common")).Should().BeTrue(); }
        else { checks.Refusal!.Errors!.Select(error => error.Code).Should().Equal(code); }
    }

    [Fact]
    public void What_may_be_set_may_be_given()
    {
        var checks = new Checks();
        PasswordRules.CheckGiven(checks, "/password", string.Concat(Enumerable.Repeat("🚀", PasswordRules.MaxLength)));
        PasswordRules.CheckGiven(checks, "/password", "        ");

        checks.Refusal.Should().BeNull();
    }
}
