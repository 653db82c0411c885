using CustomerFunctions.Shared;

namespace CustomerFunctions.Tests.Access;

/// <summary>Every route of the OpenAPI document against every kind of caller. A route that is new has to be entered here.</summary>
public sealed class GuardTests
{
    private const string Customer = "/api/customers/{customerId}";

    private static readonly Dictionary<string, Callers> Routes = new()
    {
        ["POST /api/customers"] = Callers.Staff,
        ["GET /api/customers"] = Callers.Staff,
        [$"GET {Customer}"] = Callers.Staff | Callers.Key | Callers.ServiceAccount,
        [$"PUT {Customer}"] = Callers.Staff | Callers.Key,
        [$"PATCH {Customer}"] = Callers.Staff | Callers.Key,
        [$"DELETE {Customer}"] = Callers.Staff,
        [$"POST {Customer}/activate"] = Callers.Staff,
        [$"POST {Customer}/deactivate"] = Callers.Staff,
        [$"POST {Customer}/suspend"] = Callers.Staff,
        ["POST /api/customers/bulk"] = Callers.Staff,
        ["GET /api/customers/export"] = Callers.Staff,
        [$"GET {Customer}/export"] = Callers.Staff,
        [$"POST {Customer}/reopen"] = Callers.Staff,
        [$"GET {Customer}/statistics"] = Callers.Staff | Callers.Key | Callers.ServiceAccount,
        [$"POST {Customer}/restore"] = Callers.Staff,
        [$"GET {Customer}/feature-flags"] = Callers.Staff | Callers.Key | Callers.ServiceAccount,
        [$"PUT {Customer}/feature-flags/{{flag}}"] = Callers.Staff,
        [$"DELETE {Customer}/feature-flags/{{flag}}"] = Callers.Staff,
        [$"POST {Customer}/api-keys"] = Callers.Staff | Callers.Key,
        [$"GET {Customer}/api-keys"] = Callers.Staff | Callers.Key,
        [$"POST {Customer}/api-keys/import"] = Callers.Staff,
        [$"GET {Customer}/api-keys/{{keyId}}"] = Callers.Staff | Callers.Key,
        [$"PATCH {Customer}/api-keys/{{keyId}}"] = Callers.Staff | Callers.Key,
        [$"POST {Customer}/api-keys/{{keyId}}/roll"] = Callers.Staff | Callers.Key,
        [$"GET {Customer}/ip-rules"] = Callers.Staff,
        [$"PUT {Customer}/ip-rules"] = Callers.Staff,
        [$"GET {Customer}/leak-response"] = Callers.Staff,
        [$"PUT {Customer}/leak-response"] = Callers.Staff,
        ["POST /api/webhooks/leaked-keys"] = Callers.Signed,
        [$"DELETE {Customer}/api-keys/{{keyId}}"] = Callers.Staff | Callers.Key,
        [$"POST {Customer}/service-accounts"] = Callers.Staff | Callers.Key,
        [$"GET {Customer}/service-accounts"] = Callers.Staff | Callers.Key | Callers.ServiceAccount,
        [$"GET {Customer}/service-accounts/{{serviceAccountId}}"] = Callers.Staff | Callers.Key | Callers.ServiceAccount,
        [$"GET {Customer}/service-accounts/{{serviceAccountId}}/keys"] = Callers.Staff | Callers.Key | Callers.ServiceAccount,
        [$"POST {Customer}/service-accounts/{{serviceAccountId}}/rotate"] = Callers.Staff | Callers.Key,
        [$"GET {Customer}/service-accounts/{{serviceAccountId}}/rotations/{{rotationId}}"] = Callers.Staff | Callers.Key | Callers.ServiceAccount,
        [$"GET {Customer}/audit-log"] = Callers.Staff,
        [$"GET {Customer}/audit-log/verify"] = Callers.Staff,
        ["POST /api/accounts"] = Callers.Staff,
        ["GET /api/accounts"] = Callers.Staff,
        ["GET /api/accounts/{accountId}"] = Callers.Staff,
        ["PATCH /api/accounts/{accountId}"] = Callers.Staff,
        ["POST /api/auth/register"] = Callers.Anyone,
        ["POST /api/auth/confirm-email"] = Callers.Anyone,
        ["POST /api/auth/forgot-password"] = Callers.Anyone,
        ["POST /api/auth/reset-password"] = Callers.Anyone,
        ["POST /api/auth/sign-in"] = Callers.Anyone,
        ["POST /api/auth/sign-in/second-factor"] = Callers.Anyone,
        ["POST /api/auth/refresh"] = Callers.Anyone,
        ["POST /api/auth/sign-out"] = Callers.Person,
        ["POST /api/auth/sign-out-everywhere"] = Callers.Person,
        ["POST /api/auth/change-password"] = Callers.Person,
        ["GET /api/auth/me"] = Callers.Person,
        ["PATCH /api/auth/me"] = Callers.Person,
        ["GET /api/auth/sessions"] = Callers.Person,
        ["DELETE /api/auth/sessions/{sessionId}"] = Callers.Person,
        ["POST /api/auth/second-factor"] = Callers.Person,
        ["POST /api/auth/second-factor/confirm"] = Callers.Person,
        ["POST /api/auth/second-factor/recovery-codes"] = Callers.Person,
        ["DELETE /api/auth/second-factor"] = Callers.Person,
        ["GET /api/health/live"] = Callers.Anyone,
        ["GET /api/health/ready"] = Callers.Anyone,
        ["GET /api/problems/{code}"] = Callers.Anyone,
    };

    [Flags]
    private enum Callers
    {
        None = 0,
        Staff = 1,
        Key = 2,
        ServiceAccount = 4,
        Anyone = 8,

        /// <summary>Whoever signs the body with a known key.</summary>
        Signed = 16,

        /// <summary>A signed-in person.</summary>
        Person = 32,
    }

    [Fact]
    public async Task The_table_has_every_route() =>
        Routes.Keys.Should().BeEquivalentTo((await (await App.Shared).Description).Routes.Select(route => $"{route.Method} {route.Path}"));

    [Fact]
    public async Task Without_a_key_or_with_a_made_up_one_only_open_routes_answer()
    {
        var app = await App.Shared;
        var customer = await app.CreateCustomer();
        foreach (var caller in new[] { app.Caller(key: null), app.Caller(ApiKeyText.Create("local", Ids.NewUlid(TimeProvider.System)).Reveal()) })
        {
            foreach (var (route, callers) in Routes)
            {
                var answer = await Call(caller, route, (string)customer["id"]!);
                if (callers == Callers.Signed) { answer.ShouldBeRefused(401, "signature-invalid"); }
                else if (callers == Callers.Anyone) { answer.Status.Should().NotBe(401, route); }
                else { answer.ShouldBeRefused(401, "unauthenticated"); }
            }
        }
    }

    [Fact]
    public async Task A_key_and_a_service_account_are_let_in_where_the_table_says_so()
    {
        var app = await App.Shared;
        foreach (var (route, callers) in Routes.Where(route => route.Value is not (Callers.Anyone or Callers.Signed)))
        {
            var (customerId, keys) = await NewTenant(app);
            foreach (var (kind, key) in keys)
            {
                var answer = await Call(app.Caller(key), route, customerId);
                if (callers.HasFlag(kind)) { answer.Status.Should().NotBe(401).And.NotBe(403, "{0} may call {1}", kind, route); }
                else { answer.ShouldBeRefused(403, "forbidden"); }
            }
        }
    }

    [Fact]
    public async Task Another_customer_does_not_exist_for_them_on_any_route()
    {
        var app = await App.Shared;
        var (_, keys) = await NewTenant(app);
        var (other, otherKeys) = await NewTenant(app);
        foreach (var route in Routes.Keys.Where(route => route.Contains("{customerId}", StringComparison.Ordinal)))
        {
            foreach (var key in keys.Values) { (await Call(app.Caller(key), route, other)).ShouldBeRefused(404, "not-found"); }
        }
        (await app.Caller(otherKeys[Callers.Key]).Get($"/api/customers/{other}")).ShouldBe(200)["status"]!.GetValue<string>().Should().Be("active");
    }

    [Fact]
    public async Task A_foreign_id_and_an_id_that_names_nobody_get_the_same_answer()
    {
        var app = await App.Shared;
        var (_, keys) = await NewTenant(app);
        var (other, _) = await NewTenant(app);
        var caller = app.Caller(keys[Callers.Key]);

        var foreign = (await caller.Get($"/api/customers/{other}")).Object;
        var nobody = (await caller.Get($"/api/customers/{Ids.Customer(TimeProvider.System)}")).Object;

        foreach (var name in new[] { "type", "title", "status", "detail", "code" }) { ((string?)foreign[name]?.ToString()).Should().Be(nobody[name]?.ToString()); }
    }

    private static async Task<(string CustomerId, Dictionary<Callers, string> Keys)> NewTenant(App app)
    {
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var account = await app.CreateServiceAccount(customerId);
        return (customerId, new() { [Callers.Key] = await app.CreateApiKey(customerId), [Callers.ServiceAccount] = await app.CurrentSecret((string)account["secretName"]!) });
    }

    /// <summary>A call with nothing in it: what it is refused for, if it is let in, does not matter here.</summary>
    private static async Task<Answer> Call(Api caller, string route, string customerId)
    {
        var (method, path) = (route.Split(' ')[0], route.Split(' ')[1]);
        var takesBody = (await (await App.Shared).Description).TakesBody(method, path);
        path = path.Replace("{customerId}", customerId, StringComparison.Ordinal).Replace("{keyId}", "key_none", StringComparison.Ordinal)
            .Replace("{serviceAccountId}", "sva_none", StringComparison.Ordinal).Replace("{rotationId}", "rot_none", StringComparison.Ordinal).Replace("{code}", "stale", StringComparison.Ordinal)
            .Replace("{flag}", "none", StringComparison.Ordinal).Replace("{accountId}", "acc_none", StringComparison.Ordinal).Replace("{sessionId}", "ses_none", StringComparison.Ordinal);
        return await caller.Send(new HttpMethod(method), path, takesBody ? "{}" : null, contentType: method == "PATCH" ? "application/merge-patch+json" : "application/json");
    }
}
