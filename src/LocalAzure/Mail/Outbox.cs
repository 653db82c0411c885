using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace LocalAzure.Mail;

/// <summary>A mail that the app has asked to be sent.</summary>
internal sealed record OutboxMail(string Id, DateTimeOffset At, string To, string Template, JsonElement Data);

/// <summary>
/// Receives the app's mail in place of whoever would send it: a webhook signed as Standard Webhooks 1.0 has it. Nothing leaves the machine, and nothing is kept on disk: the links in mail are secrets.
/// </summary>
internal sealed class Outbox(TimeProvider clock)
{
    private const int Most = 500;
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);
    private readonly Lock changing = new();
    private readonly List<OutboxMail> mails = [];

    /// <summary>What the webhook is signed with; set once the vault has it.</summary>
    public byte[]? Key { get; set; }

    /// <summary>The newest first.</summary>
    public IReadOnlyList<OutboxMail> Mails
    {
        get { lock (changing) { return [.. mails.AsEnumerable().Reverse()]; } }
    }

    /// <summary>Null when it was taken; else what is wrong with it. The same id twice is one mail.</summary>
    public string? Receive(string id, string timestamp, string signatures, byte[] body)
    {
        if (Key is null) { return "The outbox is not ready."; }
        if (!long.TryParse(timestamp, CultureInfo.InvariantCulture, out var seconds) || (clock.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() > Tolerance) { return "webhook-timestamp is missing or too far off."; }
        var expected = Encoding.ASCII.GetBytes("v1," + Convert.ToBase64String(HMACSHA256.HashData(Key, (byte[])[.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. body])));
        if (!signatures.Split(' ').Any(signature => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(signature), expected))) { return "webhook-signature does not fit."; }

        var data = JsonSerializer.Deserialize<JsonElement>(body).GetProperty("data");
        lock (changing)
        {
            if (mails.Any(mail => mail.Id == id)) { return null; }
            mails.Add(new OutboxMail(id, clock.GetUtcNow(), data.GetProperty("to").GetString()!, data.GetProperty("template").GetString()!, data));
            if (mails.Count > Most) { mails.RemoveAt(0); }
        }
        return null;
    }
}
