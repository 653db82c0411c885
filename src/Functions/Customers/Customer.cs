using System.Text.Json.Serialization;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Invitations;
using CustomerFunctions.LeakDesk;
using CustomerFunctions.Mail;
using CustomerFunctions.Members;
using CustomerFunctions.Names;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.Usage;

namespace CustomerFunctions.Customers;

/// <summary>Whether a customer can use what it has. Separate from its subscription: an expired trial is still an active customer.</summary>
public enum CustomerStatus
{
    [JsonStringEnumMemberName("active")] Active,
    [JsonStringEnumMemberName("suspended")] Suspended,
    [JsonStringEnumMemberName("closed")] Closed,
}

/// <summary>Why a customer is suspended. It is active again when no hold is left.</summary>
[JsonConverter(typeof(NamedEnumConverter<Hold>))]
public enum Hold
{
    [JsonStringEnumMemberName("billing")] Billing,
    [JsonStringEnumMemberName("security")] Security,
    [JsonStringEnumMemberName("admin")] Admin,
    [JsonStringEnumMemberName("customerRequest")] CustomerRequest,
}

/// <summary>A hold as it was placed: why, when and by whom.</summary>
public sealed record HoldNote(Hold Hold, string? Reason, DateTimeOffset PlacedAt, string PlacedBy)
{
    /// <summary>Who places the hold for a missing payment. A payment lifts that one, and none that somebody else has placed.</summary>
    internal const string Delinquency = "delinquency";
}

/// <summary>A customer: the root of everything it owns, and the boundary of its tenancy. One document; every rule about one customer is guarded by its ETag.</summary>
internal sealed record Customer : Document
{
    public const string DocumentType = "customer";
    public const string TrialPlan = "trial";
    public const int MaxMembers = 250;

    /// <summary>How long a closed customer can be brought back.</summary>
    public static readonly TimeSpan RestoreWindow = TimeSpan.FromDays(30);

    /// <summary>The request that changes a customer's standing has this long to do what follows; then the timer does.</summary>
    private static readonly TimeSpan StandingGrace = TimeSpan.FromSeconds(20);

    /// <summary>Months after whose end it is still known by which plan they ended.</summary>
    private const int MonthsKnown = 24;

    private static readonly Dictionary<string, bool> NoFlags = [];
    private static readonly Dictionary<string, string> NoPlans = [];

    private static readonly Dictionary<string, long> NoRevisions = [];

    /// <summary>The partition key; the customer's own id.</summary>
    public required string CustomerId { get; init; }

    public required CustomerFields Fields { get; init; }

    /// <summary>Copies of fields that lists are ordered and filtered by; they stand at the top because the index is there.</summary>
    public required string Name { get; init; }

    public required string Slug { get; init; }

    /// <summary>As it is compared: trimmed and in lower case.</summary>
    public required string Email { get; init; }

    /// <summary>
    /// Who vouches for <see cref="Email"/>; null when nobody does. Read it through <see cref="EmailProofs.Of"/>, which
    /// knows documents from before proofs.
    /// </summary>
    public EmailProof? EmailProof { get; init; }

    /// <summary>The link that was mailed to <see cref="Email"/> and proves it when it is opened.</summary>
    public EmailLink? EmailLink { get; init; }

    /// <summary>
    /// Mail about this customer that is to be sent to its addresses; saved with the change that it tells of.
    /// </summary>
    public IReadOnlyList<PendingMail> Mail { get => field ?? []; init; }

    /// <summary>
    /// When the mail timer must look at <see cref="Mail"/>; absent when there is none, so the index holds customers
    /// with mail only.
    /// </summary>
    public DateTimeOffset? MailDueAt { get; init; }

    /// <summary>How often sending <see cref="Mail"/> has failed.</summary>
    public int MailAttempts { get; init; }

    /// <summary>What a text search finds this customer by; see <see cref="SearchTerms"/>.</summary>
    public required IReadOnlyList<string> Search { get; init; }

    public required CustomerStatus Status { get; init; }

    public IReadOnlyList<Hold> Holds { get => field ?? []; init; }

    /// <summary>What is known of the holds; those placed by earlier versions have none.</summary>
    public IReadOnlyList<HoldNote> HoldNotes { get => field ?? []; init; }

    /// <summary>Feature flags that staff have decided for this customer; see <see cref="Flags.FeatureFlags"/>.</summary>
    public IReadOnlyDictionary<string, bool> FlagOverrides { get => field ?? NoFlags; init; }

    /// <summary>The people of this customer, in the order they came: at most <see cref="MaxMembers"/>.</summary>
    public IReadOnlyList<Member> Members { get => field ?? []; init; }

    /// <summary>People who were asked to become members and have not answered; those that are over go with the next.</summary>
    public IReadOnlyList<Invitation> Invitations { get => field ?? []; init; }

    /// <summary>Accounts of the sales representatives who see this customer.</summary>
    public IReadOnlyList<string> SalesReps { get => field ?? []; init; }

    /// <summary>The networks that its keys and people may call from, in CIDR form; null for everywhere.</summary>
    public IReadOnlyList<string>? AllowedNetworks { get; init; }

    /// <summary>The subscription or resource group in Azure where its service accounts get their roles; null when nobody has said.</summary>
    public string? AzureScope { get; init; }

    /// <summary>When no scheduled rotation of its service accounts starts.</summary>
    public IReadOnlyList<RotationWindow> QuietHours { get => field ?? []; init; }

    /// <summary>What is done with its keys that are found in public.</summary>
    public LeakResponse LeakResponse { get; init; }

    public required string Plan { get; init; }

    /// <summary>The plan that a month ended with, for the months after whose end it was changed; see <see cref="PlanAtEndOf"/>.</summary>
    public IReadOnlyDictionary<string, string> PlansOfMonths { get => field ?? NoPlans; init; }

    public required Trial Trial { get; init; }

    public required Subscription Subscription { get; init; }

    /// <summary>Who it is and was at Stripe; see <see cref="Stripe.StripeCustomer"/>.</summary>
    public IReadOnlyList<string> StripeIds { get => field ?? []; init; }

    /// <summary>How much of what Stripe has reported of each of them is in here: their documents' revisions.</summary>
    public IReadOnlyDictionary<string, long> StripeRevisions { get => field ?? NoRevisions; init; }

    /// <summary>When the trial timer must look at this customer, to remind it or to end its trial; absent when it never must, so the index holds running trials only.</summary>
    public DateTimeOffset? TrialDueAt { get; init; }

    /// <summary>When the subscription timer must look at this customer; absent when it never must, so the index holds those with something to do only.</summary>
    public DateTimeOffset? SubscriptionDueAt => DeletedAt is null ? Subscription.DueAt : null;

    /// <summary>When the audit log's oldest event is older than the plan keeps it, as far as is known.</summary>
    public DateTimeOffset? AuditPurgeDueAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    /// <summary>What a bulk request called the item that made this customer; see <see cref="Bulk.BulkChange"/>.</summary>
    public string? CreationKey { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    public required string UpdatedBy { get; init; }

    public DateTimeOffset? DeletedAt { get; init; }

    /// <summary>When the purge timer must look at this customer; absent unless it is closed, so the index holds closed customers only.</summary>
    public DateTimeOffset? PurgeDueAt { get; init; }

    /// <summary>When a timer must look whether its service accounts have followed it into or out of a suspension, to where it is in Azure, or to another plan; absent when they have, so the index holds the others only.</summary>
    public DateTimeOffset? StandingDueAt { get; init; }

    /// <summary>Since when it is being removed; from then on it cannot be reopened.</summary>
    public DateTimeOffset? PurgeStartedAt { get; init; }

    /// <summary>A new customer on its trial.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="slug">Its slug, if the fields name none.</param>
    /// <param name="fields">What its creator says of it.</param>
    /// <param name="by">Its creator.</param>
    /// <param name="now">Now.</param>
    /// <param name="word">Who vouches for its address; null when nobody does.</param>
    public static Customer Start(string id, string slug, CustomerFields fields, string by, DateTimeOffset now, EmailProofBy? word = null) => WithFieldsOf(fields, new Customer
    {
        EmailProof = Proven(fields.Email!, word, now),
        Id = id,
        Type = DocumentType,
        CustomerId = id,
        Fields = fields,
        Name = "",
        Slug = slug,
        Email = "",
        Search = [],
        Status = CustomerStatus.Active,
        Plan = TrialPlan,
        Trial = Trial.Begin(now),
        Subscription = new Subscription(TrialPlan, SubscriptionStatus.Trialing, now),
        TrialDueAt = Trial.Begin(now).DueAt(),
        AuditPurgeDueAt = now + AuditRetention.Of(TrialPlan),
        CreatedAt = now,
        CreatedBy = by,
        UpdatedAt = now,
        UpdatedBy = by,
    });

    /// <summary>The same customer under another slug.</summary>
    public Customer WithSlug(string slug) => WithFieldsOf(Fields with { Slug = slug }, this);

    /// <summary>
    /// Replaces what callers set. Another address takes the proof and the link of the old one with it and has the proof
    /// of whoever vouches for it; an address that stays keeps its own, whoever sends it along.
    /// </summary>
    public Customer Change(CustomerFields fields, string by, DateTimeOffset now, EmailProofBy? word = null)
    {
        var after = WithFieldsOf(fields, this) with { UpdatedAt = now, UpdatedBy = by };
        return EmailProofs.SameMailbox(Email, after.Email) ? after : after with { EmailProof = Proven(fields.Email!, word, now), EmailLink = null };
    }

    /// <summary>The plan it had when a month ended, or has now if the month has not ended.</summary>
    public string PlanAtEndOf(string month) => PlansOfMonths.OrderBy(known => known.Key, StringComparer.Ordinal).FirstOrDefault(known => string.CompareOrdinal(known.Key, month) >= 0).Value ?? Plan;

    /// <summary>Notes which plan the last month ended with, if this is the first change of the plan since. It goes into the very write that changes the plan.</summary>
    public Customer Keeping(string planBefore, DateTimeOffset now)
    {
        var last = UsageMonths.Before(UsageMonths.Of(now));
        if (Plan == planBefore || PlansOfMonths.ContainsKey(last)) { return this; }
        return this with { PlansOfMonths = PlansOfMonths.OrderBy(known => known.Key, StringComparer.Ordinal).TakeLast(MonthsKnown - 1).Append(KeyValuePair.Create(last, planBefore)).ToDictionary() };
    }

    /// <summary>With another plan than before, service accounts that have the plan's roles are to follow. It goes into the very write that changes the plan.</summary>
    public Customer FollowedFrom(string planBefore, DateTimeOffset now) => Plan == planBefore ? this : this with { StandingDueAt = now + StandingGrace };

    /// <summary>Places a hold. Placing one that is there already changes nothing.</summary>
    public Customer Suspend(Hold hold, string by, DateTimeOffset now, string? reason = null) => Holds.Contains(hold) ? this : this with
    {
        Holds = [.. Holds, hold],
        HoldNotes = [.. HoldNotes, new HoldNote(hold, reason, now, by)],
        Status = CustomerStatus.Suspended,
        StandingDueAt = now + StandingGrace,
        UpdatedAt = now,
        UpdatedBy = by,
    };

    /// <summary>
    /// Lifts a hold; the customer is active again when it was the last. Where somebody holds it and a missing payment does, too, that somebody's part is lifted first: what is owed goes on holding it.
    /// </summary>
    public Customer Restore(Hold hold, string by, DateTimeOffset now)
    {
        var isByPeople = HoldNotes.Any(note => note.Hold == hold && note.PlacedBy != HoldNote.Delinquency);
        return !Holds.Contains(hold) ? this : Lift(note => note.Hold == hold && (!isByPeople || note.PlacedBy != HoldNote.Delinquency), hold, by, now);
    }

    /// <summary>Notes a missing payment beside a hold that somebody has placed: whichever of the two is lifted first, the other one stays.</summary>
    public Customer HoldForPayment(string reason, DateTimeOffset now) => IsHeldForPayment ? this
        : !Holds.Contains(Hold.Billing) ? Suspend(Hold.Billing, HoldNote.Delinquency, now, reason)
        : this with { HoldNotes = [.. HoldNotes, new HoldNote(Hold.Billing, reason, now, HoldNote.Delinquency)] };

    /// <summary>Lifts what a missing payment holds, and nothing else.</summary>
    public Customer RestorePaid(string by, DateTimeOffset now) => !IsHeldForPayment ? this : Lift(note => note is { Hold: Hold.Billing, PlacedBy: HoldNote.Delinquency }, Hold.Billing, by, now);

    /// <summary>Says where in Azure the customer is. Service accounts that have had no scope so far are to follow.</summary>
    public Customer PlaceAt(string azureScope, string by, DateTimeOffset now) => this with { AzureScope = azureScope, StandingDueAt = now + StandingGrace, UpdatedAt = now, UpdatedBy = by };

    /// <summary>Decides a feature flag, whatever the plan says.</summary>
    public Customer OverrideFlag(string flag, bool enabled, string by, DateTimeOffset now) => FlagOverrides.TryGetValue(flag, out var current) && current == enabled ? this : this with
    {
        FlagOverrides = new Dictionary<string, bool>(FlagOverrides) { [flag] = enabled },
        UpdatedAt = now,
        UpdatedBy = by,
    };

    /// <summary>Leaves a feature flag to the plan.</summary>
    public Customer ResetFlag(string flag, string by, DateTimeOffset now) => !FlagOverrides.ContainsKey(flag) ? this : this with
    {
        FlagOverrides = FlagOverrides.Where(other => other.Key != flag).ToDictionary(),
        UpdatedAt = now,
        UpdatedBy = by,
    };

    /// <summary>Closes the customer. The document, its email and its slug stay until it is purged.</summary>
    public Customer Close(string by, DateTimeOffset now) => this with
    {
        Status = CustomerStatus.Closed,
        TrialDueAt = null,
        StandingDueAt = now + StandingGrace,
        DeletedAt = now,
        PurgeDueAt = now + RestoreWindow,
        UpdatedAt = now,
        UpdatedBy = by,
    };

    public bool MayReopen(DateTimeOffset now) => PurgeStartedAt is null && (PurgeDueAt is null || PurgeDueAt > now);

    /// <summary>Brings a closed customer back as it was, holds included; a trial that ran out meanwhile ends at the timer's next run, and what Stripe has said meanwhile is due.</summary>
    public Customer Reopen(string by, DateTimeOffset now) => DeletedAt is null ? this : this with
    {
        Status = Holds.Count == 0 ? CustomerStatus.Active : CustomerStatus.Suspended,
        StandingDueAt = now + StandingGrace,
        TrialDueAt = Trial.DueAt(),
        Subscription = StripeIds.Count == 0 && Subscription.StripeCustomerId is null ? Subscription : Subscription with { StripeDueAt = now },
        DeletedAt = null,
        PurgeDueAt = null,
        UpdatedAt = now,
        UpdatedBy = by,
    };

    public bool MayPurge(DateTimeOffset now) => PurgeDueAt <= now;

    public Customer StartPurge(DateTimeOffset now) => PurgeStartedAt is not null ? this : this with { PurgeStartedAt = now, UpdatedAt = now, UpdatedBy = "purge" };

    /// <summary>
    /// Stands where a customer would have been whose creation stopped half-way, so that a late write of it fails; see <see cref="Names.NameClaims"/>. Gone after a day.
    /// </summary>
    public static Customer Tombstone(string id, DateTimeOffset now) =>
        Start(id, "", new CustomerFields("", ""), "", now).Close("", now) with { Type = "tombstone", AuditPurgeDueAt = null, PurgeDueAt = null, StandingDueAt = null, Ttl = 24 * 60 * 60 };

    /// <summary>Whether it is as it was created.</summary>
    [JsonIgnore]
    public bool IsUnchanged => UpdatedAt == CreatedAt && UpdatedBy == CreatedBy;

    [JsonIgnore]
    public bool IsHeldForPayment => HoldNotes.Any(note => note is { Hold: Hold.Billing, PlacedBy: HoldNote.Delinquency });

    private Customer Lift(Func<HoldNote, bool> isLifted, Hold hold, string by, DateTimeOffset now)
    {
        HoldNote[] left = [.. HoldNotes.Where(note => !isLifted(note))];
        Hold[] holds = left.Any(note => note.Hold == hold) ? [.. Holds] : [.. Holds.Where(other => other != hold)];
        return this with
        {
            Holds = holds,
            HoldNotes = left,
            Status = holds.Length == 0 ? CustomerStatus.Active : CustomerStatus.Suspended,
            StandingDueAt = now + StandingGrace,
            UpdatedAt = now,
            UpdatedBy = by,
        };
    }

    private static EmailProof? Proven(string email, EmailProofBy? word, DateTimeOffset now) => word is { } by ? new EmailProof(NormalizeEmail(email), by, now, Admits: true) : null;

    public static string NormalizeEmail(string email) => EmailAddress.Key(email);

    private static Customer WithFieldsOf(CustomerFields fields, Customer customer) => customer with
    {
        Fields = fields.Composed() with { Slug = null },
        Name = PlainText.Clean(fields.Name!),
        Slug = fields.Slug ?? customer.Slug,
        Email = NormalizeEmail(fields.Email!),
        Search = SearchTerms.Of(fields.Name!, fields.CompanyName, fields.Email!, fields.Slug ?? customer.Slug),
    };
}
