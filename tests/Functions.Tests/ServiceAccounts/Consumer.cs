using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CustomerFunctions.Shared;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>
/// A user of credentials, from now until it is disposed of: reads the current secret from Key Vault and uses it, over and over, one account's after the other's. A refused key or a secret that can't be read is a
/// failure; a service that is not there for a moment is asked again. A failed attempt during which the test clock was moved says nothing: no real clock jumps past an overlap
/// between two requests.
/// </summary>
internal sealed class Consumer : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);
    /// <summary>How many of the accounts are used at once.</summary>
    private const int Workers = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly App app;
    private readonly RotatedAccount[] accounts;
    private readonly OffsetClock clock;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task running;
    private readonly List<string> failures = [];
    private int uses;
    private int turn = -1;

    private Consumer(App app, RotatedAccount[] accounts)
    {
        this.app = app;
        this.accounts = accounts;
        clock = new OffsetClock(Path.Combine(app.Cloud.State, "clock"));
        running = Task.WhenAll(Enumerable.Range(0, Math.Min(Workers, accounts.Length)).Select(_ => Task.Run(Run)));
    }

    /// <summary>How often a credential was used so far.</summary>
    public int Uses => Volatile.Read(ref uses);

    /// <summary>Done when every credential has been used for the first time.</summary>
    public static async Task<Consumer> Start(App app, params RotatedAccount[] accounts)
    {
        var consumer = new Consumer(app, accounts);
        await consumer.UsesAgain();
        return consumer;
    }

    /// <summary>Waits until a use that began after this call has succeeded, and holds all there were to have.</summary>
    public async Task UsesAgain()
    {
        var enough = Uses + (2 * accounts.Length);
        var waiting = Stopwatch.StartNew();
        while (Uses < enough && waiting.Elapsed < Patience && !running.IsCompleted)
        {
            ShouldNeverHaveFailed();
            await Task.Delay(5);
        }
        ShouldNeverHaveFailed();
        Uses.Should().BeGreaterThanOrEqualTo(enough, "the consumer of {0} goes on ({1})", accounts[0].SecretName, running.Exception?.InnerException);
    }

    public void ShouldNeverHaveFailed()
    {
        lock (failures) { failures.Should().BeEmpty("the current secret must work at every instant"); }
    }

    /// <summary>Whether a credential is accepted; null when nobody was there to ask.</summary>
    public static async Task<bool?> TryUse(App app, RotatedAccount account, string? resourceId, string credential, DateTimeOffset now)
    {
        using var request = RotatedResource.Use(app, account.Kind, account.CustomerId, resourceId, credential, now);
        using var answer = await app.Azure.SendAsync(request);
        return answer.StatusCode switch
        {
            HttpStatusCode.OK => true,
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest => false,
            // Also an exception that nobody expects, in the very call: it says nothing of the credential.
            HttpStatusCode.ServiceUnavailable or HttpStatusCode.BadGateway or HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError => null,
            var other => throw new InvalidOperationException($"The credential was answered {(int)other}: {await answer.Content.ReadAsStringAsync()}"),
        };
    }

    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await running;
        clock.Dispose();
        stopping.Dispose();
    }

    private async Task Run()
    {
        while (!stopping.IsCancellationRequested)
        {
            // A pause, or the machine would do little else.
            await Task.Delay(Pause);
            var offset = Offset();
            var account = accounts[(uint)Interlocked.Increment(ref turn) % (uint)accounts.Length];
            try
            {
                var secret = await ReadSecret(account);
                var works = await TryUse(app, account, account.ResourceOf(secret), (string)secret["value"]!, clock.GetUtcNow());
                if (works == true) { Interlocked.Increment(ref uses); }
                if (works == false) { FailedSince(offset, $"The current secret of {account.SecretName}, {account.Kind}, was refused."); }
            }
            catch (Exception e) when (e is HttpRequestException { StatusCode: null or HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests } or IOException)
            {
                // Being restarted, or a fault that hits everybody.
            }
            catch (Exception e) when (e is HttpRequestException or InvalidOperationException)
            {
                FailedSince(offset, $"{account.SecretName}: {e.Message}");
            }
        }
    }

    private void FailedSince(TimeSpan offset, string what)
    {
        if ((Offset() - offset).Duration() > TimeSpan.FromSeconds(1)) { return; }
        lock (failures) { failures.Add(what); }
    }

    private TimeSpan Offset() => clock.GetUtcNow() - TimeProvider.System.GetUtcNow();

    /// <summary>With an older api-version than the app's, so that faults can be aimed at the app alone.</summary>
    private async Task<JsonObject> ReadSecret(RotatedAccount account)
    {
        using var request = app.ToVault(HttpMethod.Get, $"/secrets/{account.SecretName}?api-version=7.4");
        using var answer = await app.Azure.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
    }
}
