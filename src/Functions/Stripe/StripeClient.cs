using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Stripe;

/// <summary>A page of Stripe's list of events, the newest first (docs.stripe.com/api/pagination). They are read one by one: one of an unknown form is not to hide the others.</summary>
internal sealed record StripeEventList
{
    public IReadOnlyList<JsonElement> Data { get => field ?? []; init; }

    public bool HasMore { get; init; }

    /// <summary>The event behind which the next page begins.</summary>
    [JsonIgnore]
    public string? LastId => Data is [.., var last] ? IdOf(last) : null;

    public static string? IdOf(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && StripeFact.IsId(id.GetString()) ? id.GetString() : null;
}

/// <summary>Stripe's refusals (docs.stripe.com/api/errors).</summary>
internal sealed record StripeErrorAnswer(StripeError? Error);

internal sealed record StripeError(string? Code, string? Param);

/// <summary>Stripe did not do what it was asked to.</summary>
internal sealed class StripeRefusedException(HttpStatusCode status, StripeError? error) : Exception($"Stripe answered {(int)status}.")
{
    public int Status => (int)status;

    /// <summary>Stripe's own word for it. Its sentences are not for the log: they may show parts of a key.</summary>
    public string Code => StripeFact.IsId(error?.Code) ? error!.Code! : "no code";

    /// <summary>What <c>Stripe-Should-Retry</c> says, if it is there (docs.stripe.com/error-low-level).</summary>
    public bool? ShouldRetry { get; init; }

    public bool IsWorthAnother => ShouldRetry ?? status is HttpStatusCode.Conflict or HttpStatusCode.FailedDependency or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The key is none, has expired or may not read events.</summary>
    public bool IsOfKey => status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden;

    /// <summary>The event behind which was to be listed is not known any more.</summary>
    public bool IsOfCursor => error is { Code: "resource_missing", Param: "starting_after" };
}

/// <summary>Asks Stripe's API. The key goes into the one header and nowhere else.</summary>
internal sealed class StripeClient(AzureClients azure, AppSettings settings, TimeProvider clock)
{
    /// <summary>The most that Stripe takes (docs.stripe.com/api/events/list).</summary>
    public const int PageSize = 100;

    /// <summary>The form of lists and refusals. An event has the form of the version that it was made by, whatever is said here (docs.stripe.com/api/events/list).</summary>
    private const string Version = "2025-09-30.clover";

    private const int MostAttempts = 3;
    private const int MostBytes = 64 * 1024 * 1024;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    /// <summary>The events that mean something here and were made since then, the newest first; those behind <paramref name="after"/>, if it is given.</summary>
    public async Task<StripeEventList> ListEvents(string key, DateTimeOffset since, string? after, CancellationToken cancellation)
    {
        var types = string.Concat(StripeFact.Types.Select(type => "&types%5B%5D=" + type));
        var behind = after is null ? "" : "&starting_after=" + Uri.EscapeDataString(after);
        var address = new Uri(string.Create(CultureInfo.InvariantCulture, $"{settings.StripeApi.AbsoluteUri.TrimEnd('/')}/v1/events?limit={PageSize}&created%5Bgte%5D={since.ToUnixTimeSeconds()}{types}{behind}"));
        for (var attempt = 1; ; attempt++)
        {
            var wait = TimeSpan.FromMilliseconds(Random.Shared.Next(250, 500) << attempt);
            try { return await Get(address, key, cancellation); }
            catch (StripeRefusedException e) when (attempt < MostAttempts && e.IsWorthAnother && !(e.RetryAfter > LongestWait)) { wait = e.RetryAfter > wait ? e.RetryAfter.Value : wait; }
            catch (Exception e) when (attempt < MostAttempts && !cancellation.IsCancellationRequested && IsNoAnswer(e)) { }
            await Task.Delay(wait, clock, cancellation);
        }
    }

    /// <summary>Whether Stripe has said nothing, or not to the end.</summary>
    public static bool IsNoAnswer(Exception exception) => exception is HttpRequestException or IOException or OperationCanceledException or JsonException;

    private async Task<StripeEventList> Get(Uri address, string key, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Timeout);
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
        request.Headers.Add("Stripe-Version", Version);
        using var response = await azure.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
        await response.Content.LoadIntoBufferAsync(MostBytes, limit.Token);
        using var body = await response.Content.ReadAsStreamAsync(limit.Token);
        if (response.IsSuccessStatusCode)
        {
            var page = await JsonSerializer.DeserializeAsync(body, StripeJson.Default.StripeEventList, limit.Token);
            return page is null or { HasMore: true, LastId: null } ? throw new JsonException("The list does not say where it goes on.") : page;
        }
        throw new StripeRefusedException(response.StatusCode, await ReadError(body, limit.Token))
        {
            ShouldRetry = response.Headers.TryGetValues("Stripe-Should-Retry", out var says) && bool.TryParse(says.First(), out var should) ? should : null,
            RetryAfter = response.Headers.RetryAfter?.Delta,
        };
    }

    /// <summary>What is between here and Stripe may answer in a form of its own.</summary>
    private static async Task<StripeError?> ReadError(Stream body, CancellationToken cancellation)
    {
        try { return (await JsonSerializer.DeserializeAsync(body, StripeJson.Default.StripeErrorAnswer, cancellation))?.Error; }
        catch (JsonException) { return null; }
    }
}
