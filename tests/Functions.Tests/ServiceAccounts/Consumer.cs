using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CustomerFunctions.Shared;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>
/// The users of credentials, from now until it is disposed of. One of each account's reads the current secret from Key Vault and uses it, over and over; another reads it once per overlap, by the test clock, and
/// uses what it then has. A refused key or a secret that can't be read is a failure; a service that is not there for a moment is asked again. A failed attempt during which the test clock was moved
/// says nothing: no real clock jumps past an overlap between two requests.
/// </summary>
internal sealed class Consumer : IAsyncDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>How many of the accounts are used at once.</summary>
    private const int Workers = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>How long a credential is kept that was read: nearly an overlap.</summary>
    private static readonly TimeSpan KeptFor = RotatedAccount.Overlap * 0.95;

    private readonly App app;
    private readonly Dictionary<string, User> users;
    private readonly User[] inTurn;
    private readonly OffsetClock clock;
    private readonly CancellationTokenSource stopping = new();
    private readonly Task running;
    private readonly List<string> failures = [];
    private int uses;
    private int usesOfKept;
    private int turn = -1;

    private Consumer(App app, RotatedAccount[] accounts)
    {
        this.app = app;
        inTurn = [.. accounts.Select(account => new User(account))];
        users = inTurn.ToDictionary(user => user.Account.Id);
        clock = new OffsetClock(Path.Combine(app.Cloud.State, "clock"));
        running = Task.WhenAll(Enumerable.Range(0, Math.Min(Workers, accounts.Length)).Select(_ => Task.Run(Run)));
    }

    /// <summary>How often a credential was used so far.</summary>
    public int Uses => Volatile.Read(ref uses);

    /// <summary>How often it was one that had been read before, while another was current.</summary>
    public int UsesOfKept => Volatile.Read(ref usesOfKept);

    /// <summary>Done when every credential has been used for the first time.</summary>
    public static async Task<Consumer> Start(App app, params RotatedAccount[] accounts)
    {
        var consumer = new Consumer(app, accounts);
        await consumer.UsesAgain();
        return consumer;
    }

    /// <summary>Waits until of every account a use that began after this call has succeeded, and holds all there were to have.</summary>
    public async Task UsesAgain()
    {
        var (began, waiting) = (Stopwatch.GetTimestamp(), Stopwatch.StartNew());
        while (inTurn.Any(user => user.LastBegan < began) && waiting.Elapsed < Patience && !running.IsCompleted)
        {
            ShouldNeverHaveFailed();
            await Task.Delay(5);
        }
        ShouldNeverHaveFailed();
        inTurn.Where(user => user.LastBegan < began).Select(user => user.Account.SecretName).Should().BeEmpty("of all accounts the consumer goes on ({0})", running.Exception?.InnerException);
    }

    public void ShouldNeverHaveFailed()
    {
        lock (failures) { failures.Should().BeEmpty("the current secret must work at every instant"); }
    }

    /// <summary>For how long, by the test clock, the users of an account have used a credential with success while another was current already.</summary>
    public TimeSpan LongestKept(RotatedAccount account) => users[account.Id].LongestKept;

    /// <summary>Lets nobody use an account's credential until <see cref="TakeUp"/>; done when nobody does. Only for an account whose users' calls cannot be told from those of its rotation.</summary>
    public async Task Leave(RotatedAccount account)
    {
        var user = users[account.Id];
        user.Rests = true;
        while (user.IsBusy) { await Task.Delay(5); }
    }

    public void TakeUp(RotatedAccount account) => users[account.Id].Rests = false;

    /// <summary>Whether a credential is accepted; null when nobody was there to ask.</summary>
    public static async Task<bool?> TryUse(App app, RotatedAccount account, string? resourceId, string credential, DateTimeOffset now)
    {
        using var request = RotatedResource.Use(app, account.Kind, account.CustomerId, resourceId, credential, now);
        using var answer = await app.Azure.SendAsync(request);
        return answer.StatusCode switch
        {
            HttpStatusCode.OK => true,
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.BadRequest => false,
            // Also an exception that nobody expects, in the very call: it says nothing of the credential. Who waits for a use that succeeds does not wait for ever.
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
            var user = inTurn[(uint)Interlocked.Increment(ref turn) % (uint)inTurn.Length];
            if (!user.TryBegin()) { continue; }
            var offset = Offset();
            try
            {
                if (await UseBoth(user)) { user.LastBegan = user.Began; }
            }
            catch (RefusedException e)
            {
                FailedSince(offset, e.Message);
            }
            catch (Exception e) when (e is HttpRequestException { StatusCode: null or HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests } or IOException)
            {
                // Being restarted, or a fault that hits everybody.
            }
            catch (Exception e) when (e is HttpRequestException or InvalidOperationException)
            {
                FailedSince(offset, $"{user.Account.SecretName}: {e.Message}");
            }
            finally
            {
                user.End();
            }
        }
    }

    /// <summary>Uses the current secret, and the one that was read before when that is another; true when both were accepted.</summary>
    private async Task<bool> UseBoth(User user)
    {
        var current = await ReadSecret(user.Account);
        var works = await Use(user.Account, current, "current secret");
        var now = clock.GetUtcNow();
        if (user.Kept is null || now - user.KeptSince > KeptFor) { (user.Kept, user.KeptSince) = (current, now); }
        if ((string)user.Kept["value"]! == (string)current["value"]!) { return works; }
        if (!await Use(user.Account, user.Kept, $"secret that was read {now - user.KeptSince} ago")) { return false; }
        Interlocked.Increment(ref usesOfKept);
        if (now - user.KeptSince > user.LongestKept) { user.LongestKept = now - user.KeptSince; }
        return works;
    }

    private async Task<bool> Use(RotatedAccount account, JsonObject secret, string what)
    {
        var works = await TryUse(app, account, account.ResourceOf(secret), (string)secret["value"]!, clock.GetUtcNow());
        if (works == false) { throw new RefusedException($"The {what} of {account.SecretName}, {account.Kind}, was refused."); }
        if (works == true) { Interlocked.Increment(ref uses); }
        return works == true;
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

    private sealed class RefusedException(string message) : Exception(message);

    /// <summary>Of one account. One worker at a time has it.</summary>
    private sealed class User(RotatedAccount account)
    {
        private int busy;
        private long lastBegan;

        public RotatedAccount Account => account;

        public volatile bool Rests;

        public bool IsBusy => Volatile.Read(ref busy) == 1;

        public long Began { get; private set; }

        /// <summary>When the last use began that succeeded.</summary>
        public long LastBegan { get => Volatile.Read(ref lastBegan); set => Volatile.Write(ref lastBegan, value); }

        /// <summary>What was read at <see cref="KeptSince"/>.</summary>
        public JsonObject? Kept { get; set; }

        public DateTimeOffset KeptSince { get; set; }

        public TimeSpan LongestKept { get; set; }

        public bool TryBegin()
        {
            if (Rests || Interlocked.Exchange(ref busy, 1) == 1) { return false; }
            if (Rests) { End(); return false; }
            Began = Stopwatch.GetTimestamp();
            return true;
        }

        public void End() => Volatile.Write(ref busy, 0);
    }
}
