using System.Globalization;
using LocalAzure.Status;

namespace LocalAzure.Mail;

/// <summary>The webhook that takes mail, <c>GET /outbox?to=</c> for tests, and a page for people.</summary>
internal static class OutboxApi
{
    public const string Path = "/outbox";

    public static void MapOutbox(this IEndpointRouteBuilder routes, Outbox outbox)
    {
        routes.MapPost(Path, async (HttpRequest request, CancellationToken cancellation) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body, cancellation);
            var refusal = outbox.Receive(request.Headers["webhook-id"].ToString(), request.Headers["webhook-timestamp"].ToString(), request.Headers["webhook-signature"].ToString(), body.ToArray());
            return refusal is null ? Results.NoContent() : Results.Problem(refusal, statusCode: StatusCodes.Status401Unauthorized);
        });
        routes.MapGet(Path, (string? to) => Results.Json(outbox.Mails.Where(mail => to is null || mail.To == to)));
        routes.MapGet("/status/outbox", () => Layout.Page("Outbox", Layout.Table(["when", "to", "what", "token"], outbox.Mails.Select(mail => Layout.Row(
            mail.At.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture), mail.To, mail.Template, Html.Of($"<code>{(mail.Data.TryGetProperty("token", out var token) ? token.GetString() : "")}</code>"))))));
    }
}
