using System.Text.Json.Nodes;
using CustomerFunctions.Access;
using CustomerFunctions.Shared;

namespace CustomerFunctions.Tests.Access;

/// <summary>
/// Every route of the OpenAPI document, every kind of caller, every standing of the customer: each answer is held against the table. Nothing is entered here by hand, so a new route is
/// walked from its first day.
/// </summary>
public sealed class PolicyTests
{
    /// <summary>Past the door: a rule behind it that the table does not know, such as who may lift which hold.</summary>
    private const string OwnRule = "refused by the route's own rule";

    private static readonly string[] Standings = ["own", "other", "suspended", "closed", "none"];

    [Fact]
    public async Task Every_route_lets_in_whom_the_table_lists_and_nobody_else()
    {
        await using var app = await App.StartWithoutSchedules();
        var cast = await Cast.Assemble(app);
        var wrong = new List<string>();
        var asked = 0;
        var (own, other, shut, gone) = (await cast.NewStage(), await cast.NewStage(owners: false), await Suspended(app, cast), await Closed(app, cast));
        foreach (var route in Routes(await app.Description).Where(route => route.Path.Contains("{customerId}", StringComparison.Ordinal) && !route.IsOwnAccountOnly))
        {
            // What one route does must not change what the next one meets.
            if (route.Method != "GET") { own = await cast.NewStage(); }
            var (suspended, closed) = route.Standing != "active" || ChangesStanding(route) ? (await Suspended(app, cast), await Closed(app, cast)) : (shut, gone);
            foreach (var standing in Standings)
            {
                // The machines of a suspended or closed customer are its own; everywhere else those of the active one.
                var machines = standing switch { "suspended" => suspended, "closed" => closed, _ => own };
                var target = standing switch { "own" => own.CustomerId, "other" => other.CustomerId, "suspended" => suspended.CustomerId, "closed" => closed.CustomerId, _ => Ids.Customer(TimeProvider.System) };
                foreach (var actor in cast.For(machines).Reverse())
                {
                    var (expected, got) = (Expected(route, actor, standing), Seen(await Call(app.Caller(actor.Token), route, target), route));
                    if (expected != got && !(expected == "in" && got == OwnRule)) { wrong.Add($"{route.Method} {route.Path}: {actor.Name}, {standing}: expected {expected}, got {got}"); }
                    asked++;
                    if (standing is "own" or "suspended" && expected == "in" && ChangesStanding(route)) { await Restore(app, standing, target); }
                }
            }
        }
        asked.Should().BeGreaterThan(1_000);
        wrong.Should().BeEmpty();
    }

    [Fact]
    public async Task Routes_without_a_customer_let_in_by_platform_role()
    {
        await using var app = await App.StartWithoutSchedules();
        var cast = await Cast.Assemble(app);
        var own = await cast.NewStage();
        var wrong = new List<string>();
        foreach (var route in Routes(await app.Description).Where(route => !route.Path.Contains("{customerId}", StringComparison.Ordinal) && !route.IsOwnAccountOnly && route.Permission is not (null or Permission.AccountSelf)))
        {
            foreach (var actor in cast.For(own).Reverse())
            {
                var roles = new[] { actor.Platform, actor.Name is "nobody" or "bootstrap key" or "API key" or "service account" ? null : Role.Person }.OfType<Role>();
                var expected = actor.Token is null ? "401" : roles.Any(role => Permissions.RolesFor(route.Permission!.Value).Contains(role)) ? "in" : "403";
                var got = Seen(await Call(app.Caller(actor.Token), route, own.CustomerId), route);
                if (expected != got && !(expected == "in" && got == OwnRule)) { wrong.Add($"{route.Method} {route.Path}: {actor.Name}: expected {expected}, got {got}"); }
            }
        }
        wrong.Should().BeEmpty();
    }

    [Fact]
    public async Task What_is_a_persons_own_is_for_people_only_and_for_nobody_else_by_name()
    {
        await using var app = await App.StartWithoutSchedules();
        var cast = await Cast.Assemble(app);
        var own = await cast.NewStage();
        var (owner, stranger) = (await cast.IdOf("owner"), await cast.IdOf("stranger"));
        foreach (var route in Routes(await app.Description).Where(route => route.Permission == Permission.AccountSelf || route.IsOwnAccountOnly))
        {
            foreach (var key in new[] { own.ApiKey, own.ServiceAccount }) { (await Call(app.Caller(key), route, own.CustomerId, owner)).Status.Should().BeOneOf([403, 404], $"a key at {route.Method} {route.Path}"); }
            (await Call(app.Caller(key: null), route, own.CustomerId, owner)).ShouldBeRefused(401, "unauthenticated");
            if (route.IsOwnAccountOnly) { (await Call(app.Caller(cast.For(own).Single(actor => actor.Name == "owner").Token), route, own.CustomerId, stranger)).ShouldBeRefused(404, "not-found"); }
        }
    }

    [Fact]
    public void Every_permission_stands_in_the_table_once_and_has_somebody()
    {
        Permissions.All.Should().BeEquivalentTo(Enum.GetValues<Permission>()).And.OnlyHaveUniqueItems();
        Permissions.All.Should().OnlyContain(permission => Permissions.RolesFor(permission).Count > 0);
        Permissions.All.Select(Permissions.Name).Should().OnlyHaveUniqueItems();
        Permissions.All.Should().OnlyContain(permission => Permissions.Find(Permissions.Name(permission)) == permission);
    }

    internal sealed record Route(string Method, string Path, Permission? Permission, string Standing, bool IsOwnAccountOnly);

    internal static IReadOnlyList<Route> Routes(ApiDescription description) =>
    [
        .. from path in description.Document["paths"]!.AsObject()
           from operation in path.Value!.AsObject()
           where operation.Value is JsonObject { } o && o.ContainsKey("responses")
           let permission = (string?)operation.Value["x-permission"]
           select new Route(operation.Key.ToUpperInvariant(), path.Key, permission is null ? null : Permissions.Find(permission), (string?)operation.Value["x-customer-standing"] ?? "active", operation.Value["x-own-account"] is not null),
    ];

    private static string Expected(Route route, Actor actor, string standing)
    {
        if (actor.Token is null) { return "401"; }
        var isMachine = actor.Platform is Role.CustomerKey or Role.ServiceAccount;
        var isStaff = actor.Platform is Role.Admin or Role.Operator;
        var role = isStaff ? actor.Platform : standing is "other" or "none" ? null : actor.AtOwn;
        if (isMachine && standing == "closed" && route.Standing != "closed") { return "401"; }
        if (isMachine && standing == "suspended" && route.Standing == "active") { return "suspended"; }
        if (standing == "none" || role is null) { return "404"; }
        if (standing == "closed" && route.Standing != "closed") { return "404"; }
        if (standing == "closed" && !isStaff) { return isMachine ? "401" : "404"; }
        if (standing == "suspended" && route.Standing == "active" && !isStaff) { return "suspended"; }
        return Permissions.RolesFor(route.Permission!.Value).Contains(role.Value) ? "in" : "403";
    }

    /// <summary>What an answer says of the door; what lies behind it does not matter here.</summary>
    private static string Seen(Answer answer, Route route)
    {
        if (answer.ContentHeaders.ContentType?.MediaType != "application/problem+json") { return "in"; }
        var detail = (string)answer["detail"]!;
        return (answer.Status, (string)answer["code"]!) switch
        {
            (401, "unauthenticated") => "401",
            (403, "customer-suspended") => "suspended",
            (403, "forbidden") => detail.Contains($"'{Permissions.Name(route.Permission!.Value)}'", StringComparison.Ordinal) ? "403" : OwnRule,
            // Past the door, to a feature that the customer's plan does not have.
            (403, "feature-not-in-plan") => "in",
            (403, var code) => code,
            (404, _) when detail.Contains("no such customer", StringComparison.Ordinal) => "404",
            _ => "in",
        };
    }

    private static async Task<Stage> Suspended(App app, Cast cast)
    {
        var stage = await cast.NewStage();
        (await app.Admin.Post($"/api/customers/{stage.CustomerId}/deactivate")).ShouldBe(200);
        return stage;
    }

    private static async Task<Stage> Closed(App app, Cast cast)
    {
        var stage = await cast.NewStage();
        (await app.Admin.Delete($"/api/customers/{stage.CustomerId}", "*")).ShouldBe(204);
        return stage;
    }

    private static bool ChangesStanding(Route route) => route.Method is "POST" or "DELETE" && (route.Path.EndsWith("ivate", StringComparison.Ordinal) || route.Path.EndsWith("/suspend", StringComparison.Ordinal) || route.Path.EndsWith("/restore", StringComparison.Ordinal));

    private static async Task Restore(App app, string standing, string customerId) =>
        (await app.Admin.Post($"/api/customers/{customerId}/{(standing == "own" ? "activate" : "deactivate")}")).ShouldBe(200);

    /// <summary>A call with nothing in it.</summary>
    private static Task<Answer> Call(Api caller, Route route, string customerId, string accountId = "acc_none")
    {
        var path = string.Join('/', route.Path.Split('/').Select(segment => segment switch { "{customerId}" => customerId, "{accountId}" => accountId, _ when segment.StartsWith('{') => "none", _ => segment }));
        return caller.Send(new HttpMethod(route.Method), path, route.Method is "GET" or "DELETE" ? null : "{}", contentType: route.Method == "PATCH" ? "application/merge-patch+json" : "application/json");
    }
}
