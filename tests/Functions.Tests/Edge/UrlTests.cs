namespace CustomerFunctions.Tests.Edge;

/// <summary>One rule for every URL that callers give.</summary>
public sealed class UrlTests
{
    [Fact]
    public async Task A_URL_with_user_information_white_space_or_controls_is_refused_wherever_one_is_given()
    {
        var app = await App.Shared;
        var customer = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var person = await Person.SignedUp(app);
        string[] urls =
        [
            "https://user:secret@example.com/", "https://user@example.com/", "https://@example.com/", "https://:@example.com/", @"https:\\user@example.com/", "https:user@example.com",
            "https://example.com/a b", " https://example.com/", "https://example.com/\t", "https://example.com/\r\nHost: evil", "https://exa\nmple.com/", "https://example.com/\0",
            "https://example.com/\u0085", "https://example.com/\u00a0", "https://example.com/\u2028", "https://example.com/\u202emoc", "http://example.com/", "//example.com/", "example.com", "javascript:alert(1)",
        ];
        foreach (var url in urls)
        {
            ShouldBeRefused(await app.Admin.Patch(customer, new { logoUrl = url }, "*"), "/logoUrl");
            ShouldBeRefused(await person.Api.Patch("/api/auth/me", new { avatarUrl = url }, "*"), "/avatarUrl");
            // Developers may send webhooks to plain http.
            if (!url.StartsWith("http:", StringComparison.Ordinal)) { ShouldBeRefused(await app.Admin.Post(customer + "/webhooks", new { url }), "/url"); }
        }
        foreach (var url in new[] { "https://example.com", "https://example.com/@scope/x?mail=a@b.example#c@d", "https://example.com:8443/a%20b", "https://müller.example/ü" })
        {
            ((string?)(await app.Admin.Patch(customer, new { logoUrl = url }, "*")).ShouldBe(200)["logoUrl"]).Should().Be(url);
        }
    }

    private static void ShouldBeRefused(Answer answer, string pointer) =>
        ((string?)answer.ShouldBeRefused(400, "invalid-request", pointer)["errors"]![0]!["code"]).Should().Be("malformed-url", answer.Body);
}
