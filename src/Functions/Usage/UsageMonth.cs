using CustomerFunctions.Plans;
using CustomerFunctions.Quotas;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Usage;

/// <summary>
/// What a customer has used in one month. Its ETag makes every report count once: it names the reports that its last change counted, and those are marked before the next change;
/// see <see cref="UsageCounter"/>.
/// </summary>
internal sealed record UsageMonth : Document
{
    public const string DocumentType = "usageMonth";

    private static readonly Dictionary<string, long> Nothing = [];
    private static readonly Dictionary<string, IReadOnlyDictionary<string, long>> NoDays = [];

    public required string CustomerId { get; init; }

    public required string Month { get; init; }

    /// <summary>Units by meter.</summary>
    public IReadOnlyDictionary<string, long> Totals { get => field ?? Nothing; init; }

    /// <summary>The same by day of the month and meter.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Days { get => field ?? NoDays; init; }

    /// <summary>Units that the month before left over by its plan, by meter. How many of them count is this month's plan's to say; see <see cref="StandingOf"/>.</summary>
    public IReadOnlyDictionary<string, long> CarriedOver { get => field ?? Nothing; init; }

    /// <summary>What the customer has been told of this month, such as <c>fix:80</c>.</summary>
    public IReadOnlyList<string> Notices { get => field ?? []; init; }

    /// <summary>The reports that the last change counted.</summary>
    public IReadOnlyList<string> Counting { get => field ?? []; init; }

    /// <summary>When the month is over; absent once it is closed, so the index holds open months only.</summary>
    public DateTimeOffset? CloseDueAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public static string IdOf(string customerId, string month) => $"usage:{customerId}:{month}";

    public static UsageMonth Open(string customerId, string month, IReadOnlyDictionary<string, long> carriedOver, DateTimeOffset now) => new()
    {
        Id = IdOf(customerId, month),
        Type = DocumentType,
        CustomerId = customerId,
        Month = month,
        CarriedOver = carriedOver,
        CloseDueAt = UsageMonths.End(month),
        UpdatedAt = now,
    };

    public long Used(string meter) => Totals.GetValueOrDefault(meter);

    /// <summary>How a quota stands. A plan that carries less over takes no more than that from the month before, either.</summary>
    public QuotaStanding StandingOf(Quota quota) => QuotaRules.Standing(quota, Used(quota.Meter), Math.Min(quota.Rollover, CarriedOver.GetValueOrDefault(quota.Meter)), UsageMonths.End(Month));

    /// <summary>Counts reports, none of which it has counted before.</summary>
    public UsageMonth Count(IReadOnlyList<UsageEvent> reports, DateTimeOffset now) => this with
    {
        Totals = Sum(Totals, reports),
        Days = Days.Concat(reports.Select(report => UsageMonths.Day(report.Time)).Distinct().Where(day => !Days.ContainsKey(day)).Select(day => KeyValuePair.Create<string, IReadOnlyDictionary<string, long>>(day, Nothing)))
            .ToDictionary(day => day.Key, IReadOnlyDictionary<string, long> (day) => Sum(day.Value, reports.Where(report => UsageMonths.Day(report.Time) == day.Key))),
        Counting = [.. reports.Select(report => report.Id)],
        UpdatedAt = now,
    };

    /// <summary>The thresholds that were reached and have not been told of, of the plan that holds now.</summary>
    public IReadOnlyList<(QuotaStanding Standing, int Percent)> Untold(Plan plan) =>
    [
        .. from quota in plan.Quotas
           let standing = StandingOf(quota)
           from percent in QuotaRules.Thresholds
           where standing.HasReached(percent) && !Notices.Contains(NoticeOf(quota.Meter, percent))
           select (standing, percent),
    ];

    public UsageMonth Told(string meter, int percent) => this with { Notices = [.. Notices, NoticeOf(meter, percent)] };

    private static string NoticeOf(string meter, int percent) => FormattableString.Invariant($"{meter}:{percent}");

    private static Dictionary<string, long> Sum(IReadOnlyDictionary<string, long> before, IEnumerable<UsageEvent> reports)
    {
        var sum = new Dictionary<string, long>(before);
        foreach (var report in reports) { sum[report.Meter] = sum.GetValueOrDefault(report.Meter) + report.Quantity; }
        return sum;
    }
}
