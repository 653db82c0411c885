using System.Text.Json;
using System.Text.RegularExpressions;
using LocalAzure.Faults;

namespace LocalAzure.Stripe;

/// <summary>Stripe's API for the app, and for tests and people <c>PUT</c>, <c>GET</c> and <c>DELETE /stripe/events</c>: what has happened at Stripe, whether or not a webhook told it.</summary>
internal static partial class StripeApi
{
    public const string Path = "/stripe";

    public static void MapStripe(this IEndpointRouteBuilder routes, ServiceGate gate, StripeEmulator stripe, TimeProvider clock)
    {
        routes.Map(Path + "/v1/{**rest}", gate.Handle);
        routes.MapGet(Path + "/events", () => stripe.Events.Reverse().Select(one => one.Json));
        routes.MapPut(Path + "/events", (JsonElement body) => Put(stripe, clock, body));
        routes.MapDelete(Path + "/events", () =>
        {
            stripe.Clear();
            return Results.NoContent();
        });
    }

    /// <summary>One event or a list of them, as Stripe has them.</summary>
    private static IResult Put(StripeEmulator stripe, TimeProvider clock, JsonElement body)
    {
        var now = clock.GetUtcNow().ToUnixTimeSeconds();
        var read = (body.ValueKind == JsonValueKind.Array ? body.EnumerateArray().ToList() : [body]).ConvertAll(json => Read(json, now));
        if (read.Contains(null)) { return Results.Problem("Expected an event or a list of events: an object with the id (evt_…), type, created (in seconds, and not to come) and data.object.", statusCode: StatusCodes.Status400BadRequest); }
        stripe.Put(read!);
        return Results.NoContent();
    }

    private static StripeEvent? Read(JsonElement json, long now)
    {
        if (json.ValueKind != JsonValueKind.Object || Text(json, "id") is not { } id || !EventId().IsMatch(id) || Text(json, "type") is not { } type) { return null; }
        if (!json.TryGetProperty("created", out var created) || created.ValueKind != JsonValueKind.Number || !created.TryGetInt64(out var at) || at > now) { return null; }
        var isAboutSomething = json.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object && data.TryGetProperty("object", out var about) && about.ValueKind == JsonValueKind.Object;
        return isAboutSomething ? new StripeEvent(id, type, at, json.Clone()) : null;
    }

    private static string? Text(JsonElement json, string name) => json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    [GeneratedRegex(@"^evt_\w+\z")]
    private static partial Regex EventId();
}
