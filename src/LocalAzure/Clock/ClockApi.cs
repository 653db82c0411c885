using System.Globalization;
using System.Text.Json;

namespace LocalAzure.Clock;

/// <summary>The test clock over HTTP: <c>GET /clock</c> reads it, <c>POST /clock {"advance":"14.00:00:00"}</c> moves it forward for the app and every emulator.</summary>
internal static class ClockApi
{
    /// <summary>Beyond it, dates that are computed from the clock stop fitting their types somewhere.</summary>
    private static readonly TimeSpan MostOffset = TimeSpan.FromDays(365_000);

    public static void MapClock(this IEndpointRouteBuilder routes, TestClock clock)
    {
        routes.MapGet("/clock", () => Read(clock));
        routes.MapPost("/clock", (JsonElement body) => Advance(clock, body));
    }

    private static IResult Read(TestClock clock) => Results.Json(new { utcNow = clock.GetUtcNow(), offset = clock.Offset.ToString("c", CultureInfo.InvariantCulture) });

    private static IResult Advance(TestClock clock, JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("advance", out var advance) || advance.ValueKind != JsonValueKind.String)
        {
            return Results.Problem("""The body is {"advance": "d.hh:mm:ss"}.""", statusCode: StatusCodes.Status400BadRequest);
        }
        if (!TimeSpan.TryParseExact(advance.GetString(), "c", CultureInfo.InvariantCulture, out var by) || by < TimeSpan.Zero || by > MostOffset - clock.Offset)
        {
            return Results.Problem($"'{advance.GetString()}' is not a time to move forward by: write it as [d.]hh:mm:ss.", statusCode: StatusCodes.Status400BadRequest);
        }
        clock.Advance(by);
        return Read(clock);
    }
}
