using CustomerFunctions.Access;

namespace CustomerFunctions.AccessLog;

/// <summary>
/// Counts who uses which key from where, and whom a secret is shown. A request only adds one in memory; the count goes into the table behind the answers, at most once a minute for one key and
/// address on an instance, and again when the instance ends. What an instance that is killed had not written yet is lost: the audit log is the record of changes, this is one of use.
/// </summary>
internal sealed partial class AccessUse(AccessTable table, TimeProvider clock, ILogger<AccessUse> log) : BackgroundService
{
    /// <summary>A key, or a token that came from one, was good for a request.</summary>
    public const string KeyUsed = "keyUsed";

    /// <summary>
    /// A known key, or a token that came from one, was refused: revoked, disabled, replaced, expired, suspended, or used
    /// from an address outside its networks.
    /// </summary>
    public const string KeyRefused = "keyRefused";

    /// <summary>An answer showed a secret.</summary>
    public const string SecretShown = "secretShown";

    /// <summary>So many addresses of one key are told apart in an hour, on one instance; the rest are counted together.</summary>
    public const int AddressesPerHour = 50;

    private const int MaxHolders = 20_000;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    private readonly AccessTallies tallies = new(AddressesPerHour, MaxHolders, Interval);

    /// <summary>Notes that a machine's credential was good for a request.</summary>
    public void NoteKey(Caller caller) => NoteKey(caller, KeyUsed);

    /// <summary>Notes that a machine's credential was refused.</summary>
    public void NoteRefusal(Caller caller) => NoteKey(caller, KeyRefused);

    private void NoteKey(Caller caller, string what)
    {
        if (caller.Principal is { Kind: PrincipalKind.ApiKey or PrincipalKind.ServiceAccount, CustomerId: { } customerId }) { Note(caller, customerId, what, OwnId(caller)); }
    }

    /// <summary>Notes that somebody was shown a secret of a customer: that of a service account, when one is named.</summary>
    public void NoteSecret(Caller caller, string customerId, string? serviceAccountId) => Note(caller, customerId, SecretShown, serviceAccountId ?? OwnId(caller));

    private static string? OwnId(Caller caller) => caller.Principal.Kind == PrincipalKind.ServiceAccount ? caller.Principal.Id : null;

    private void Note(Caller caller, string customerId, string what, string? serviceAccountId)
    {
        var now = clock.GetUtcNow();
        var address = caller.Address?.Split('%')[0] ?? "";
        var due = tallies.Add(new AccessSubject(customerId, what, caller.Principal.KindName, caller.Id, address, AccessSubject.HourOf(now)) { ServiceAccountId = serviceAccountId }, now);
        if (due is not null) { _ = Write(due, CancellationToken.None); }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookEvery, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) { await WriteAll(tallies.Due(clock.GetUtcNow()), stoppingToken); }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await WriteAll(tallies.Due(DateTimeOffset.MaxValue), CancellationToken.None);
        }
    }

    private async Task WriteAll(IReadOnlyList<AccessTally> due, CancellationToken cancellation) =>
        await Parallel.ForEachAsync(due, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancellation }, async (tally, token) => await Write(tally, token));

    private async Task Write(AccessTally tally, CancellationToken cancellation)
    {
        using var longest = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        longest.CancelAfter(Longest);
        var count = tally.Take();
        try
        {
            await table.Save(count, tally.Part, longest.Token);
        }
        catch (Exception e)
        {
            tally.PutBack();
            NotNoted(log, count.Subject.Who, e.GetType().Name);
        }
    }

    [LoggerMessage(1521, LogLevel.Information, "The use of {Who} is not noted yet: {Exception}")]
    private static partial void NotNoted(ILogger log, string who, string exception);
}
