using CustomerFunctions.Access;
using CustomerFunctions.Shared;

namespace CustomerFunctions.Tests.Access;

/// <summary>The door itself. Who is let in where is <see cref="PolicyTests"/>' to walk.</summary>
public sealed class GuardTests
{
    /// <summary>Routes that ask for no credential of ours, and why.</summary>
    private static readonly Dictionary<string, string> Open = new()
    {
        ["POST /api/auth/register"] = "nobody has an account before",
        ["POST /api/auth/confirm-email"] = "the mailed token and the password",
        ["POST /api/auth/accept-invitation"] = "the mailed token",
        ["POST /api/auth/confirm-customer-email"] = "the mailed token",
        ["POST /api/auth/forgot-password"] = "whoever has forgotten it",
        ["POST /api/auth/reset-password"] = "the mailed token",
        ["POST /api/auth/sign-in"] = "the password",
        ["POST /api/auth/sign-in/second-factor"] = "the challenge and the code",
        ["POST /api/auth/sign-in/passkey"] = "the passkey",
        ["POST /api/auth/sign-in/passkey/options"] = "what a passkey is asked",
        ["POST /api/auth/refresh"] = "the refresh token",
        ["POST /api/webhooks/leaked-keys"] = "the scanner's signature",
        ["POST /api/webhooks/identity"] = "the provider's signature",
        ["POST /api/webhooks/stripe"] = "Stripe's signature",
        ["GET /api/health/live"] = "the platform",
        ["GET /api/health/ready"] = "the platform",
        ["GET /api/problems/{code}"] = "the meaning of a refusal",
    };

    [Fact]
    public async Task Only_listed_routes_are_open() =>
        PolicyTests.Routes(await (await App.Shared).Description).Where(route => route.Permission is null).Select(route => $"{route.Method} {route.Path}").Should().BeSubsetOf(Open.Keys);

    [Fact]
    public async Task Without_a_credential_or_with_a_made_up_one_every_other_route_is_401()
    {
        var app = await App.Shared;
        var callers = new[] { null, "x", ApiKeyText.Create("local", Ids.NewUlid(TimeProvider.System)).Reveal(), ApiKeyText.Create("local", BootstrapAdmin.Holder).Reveal(), "cfa_x", "cft_x", new string('k', 40) }.Select(app.Caller).ToList();
        foreach (var route in PolicyTests.Routes(await app.Description).Where(route => route.Permission is not null))
        {
            var path = string.Join('/', route.Path.Split('/').Select(segment => segment.StartsWith('{') ? "none" : segment));
            foreach (var caller in callers)
            {
                (await caller.Send(new HttpMethod(route.Method), path, route.Method is "GET" or "DELETE" ? null : "{}", contentType: route.Method == "PATCH" ? "application/merge-patch+json" : "application/json")).ShouldBeRefused(401, "unauthenticated");
            }
        }
    }

    [Fact]
    public async Task A_foreign_id_and_an_id_that_names_nobody_get_the_same_answer()
    {
        var app = await App.Shared;
        var other = (string)(await app.CreateCustomer())["id"]!;
        var caller = app.Caller(await app.CreateApiKey((string)(await app.CreateCustomer())["id"]!));

        var foreign = (await caller.Get($"/api/customers/{other}")).Object;
        var nobody = (await caller.Get($"/api/customers/{Ids.Customer(TimeProvider.System)}")).Object;

        foreach (var name in new[] { "type", "title", "status", "detail", "code" }) { ((string?)foreign[name]?.ToString()).Should().Be(nobody[name]?.ToString()); }
    }
}
