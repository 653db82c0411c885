using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization.Metadata;
using CustomerFunctions.AccessLog;
using CustomerFunctions.ApiKeys;
using CustomerFunctions.Audit;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Flags;
using CustomerFunctions.Invitations;
using CustomerFunctions.LeakDesk;
using CustomerFunctions.Members;
using CustomerFunctions.Notifications;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.Stripe;
using CustomerFunctions.Usage;
using CustomerFunctions.Webhooks;

namespace CustomerFunctions.Exports;

/// <summary>A person's place at the customer, as an export has it.</summary>
public sealed record ExportedMember(string AccountId, MemberRole Role, DateTimeOffset AssignedAt, string AssignedBy);

/// <summary>What is set for a customer besides its fields.</summary>
/// <param name="AllowedNetworks">The networks that its keys and people may call from; absent for everywhere.</param>
/// <param name="QuietHours">When no scheduled rotation starts.</param>
/// <param name="LeakResponse">What is done with keys that are found in public.</param>
/// <param name="AzureScope">Where its service accounts get their roles.</param>
/// <param name="SalesReps">The accounts of its sales representatives.</param>
/// <param name="PlansOfMonths">The plan that each month ended with that has seen another since.</param>
public sealed record ExportedSettings(
    IReadOnlyList<string>? AllowedNetworks, IReadOnlyList<RotationWindow> QuietHours, LeakResponse LeakResponse, string? AzureScope, IReadOnlyList<string> SalesReps,
    IReadOnlyDictionary<string, string> PlansOfMonths);

/// <summary>When and from where a version of a service account's key was last used.</summary>
public sealed record ExportedKeyUse(string KeyId, DateTimeOffset LastUsedAt, string? LastUsedFrom);

/// <summary>A report of usage.</summary>
/// <param name="Id">The reporter's id for it.</param>
/// <param name="Source">Who has reported it.</param>
/// <param name="Meter">What was used.</param>
/// <param name="Quantity">How much of it.</param>
/// <param name="Time">When it was used.</param>
/// <param name="RecordedAt">When it was reported.</param>
/// <param name="RecordedBy">By whom.</param>
public sealed record ExportedUsage(string Id, string Source, string Meter, long Quantity, DateTimeOffset Time, DateTimeOffset RecordedAt, string RecordedBy);

/// <summary>What Stripe has said of a customer.</summary>
/// <param name="StripeId">Who it is there.</param>
/// <param name="PaymentMethod">How it pays.</param>
/// <param name="Subscriptions">Its subscriptions, by their ids.</param>
/// <param name="Invoices">Its last invoices, by their ids.</param>
public sealed record ExportedStripe(
    string StripeId, string? PaymentMethod, IReadOnlyDictionary<string, ExportedStripeSubscription> Subscriptions, IReadOnlyDictionary<string, ExportedInvoice> Invoices);

/// <summary>A subscription at Stripe.</summary>
public sealed record ExportedStripeSubscription(SubscriptionStatus Status, string? Plan, DateTimeOffset StartedAt, DateTimeOffset? PeriodEnd, bool CancelAtPeriodEnd);

/// <summary>An invoice at Stripe.</summary>
public sealed record ExportedInvoice(string? SubscriptionId, DateTimeOffset? FailedAt, DateTimeOffset? PaidAt, DateTimeOffset? GivenUpAt);

/// <summary>
/// All there is of one customer, read a page at a time: everything that a purge deletes, and the audit log. Each kind of
/// document has its lines in <see cref="LinesOf"/>. No secret is in it, and no hash of one.
/// </summary>
internal sealed class CustomerArchive(
    Holdings holdings,
    KeyVersionUseStore uses,
    UsageStore usage,
    NotificationStore notifications,
    WebhookStore webhooks,
    StripeSync stripe,
    AccessTable access,
    AuditLog audit)
{
    private const int PageSize = 200;

    /// <summary>The types of an export's lines, by the kind of what is stored; see <see cref="Closing.CustomerPurge.Deletes"/>.</summary>
    public static readonly IReadOnlyDictionary<string, IReadOnlyList<string>> LinesOf = new Dictionary<string, IReadOnlyList<string>>
    {
        [Customer.DocumentType] = ["customer", "settings", "featureFlag", "member", "invitation"],
        [ApiKey.DocumentType] = ["apiKey"],
        [ServiceAccount.DocumentType] = ["serviceAccount", "serviceAccountKey"],
        [KeyVersionUse.DocumentType] = ["serviceAccountKeyUse"],
        [UsageMonth.DocumentType] = ["usageMonth"],
        [UsageEvent.DocumentType] = ["usageReport"],
        [Notification.DocumentType] = ["notification"],
        [WebhookEndpoint.DocumentType] = ["webhook"],
        // The number of its endpoints, which each have a line.
        [WebhookPlaces.DocumentType] = ["webhook"],
        [WebhookDelivery.DocumentType] = ["webhookDelivery"],
        [StripeCustomer.DocumentType] = ["stripe"],
        [AccessTable.Name] = ["access"],
    };

    public async IAsyncEnumerable<Action<IBufferWriter<byte>>> Lines(Stored<Customer> stored, DateTimeOffset now, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var customer = stored.Value;
        yield return Line("customer", CustomerResponse.From(stored), ApiJson.Default.CustomerResponse);
        yield return Line("settings", SettingsOf(customer), ApiJson.Default.ExportedSettings);
        foreach (var flag in FeatureFlags.All.Where(flag => customer.FlagOverrides.ContainsKey(flag.Name)))
        {
            yield return Line("featureFlag", FeatureFlagResponse.From(flag, customer), ApiJson.Default.FeatureFlagResponse);
        }
        foreach (var member in customer.Members)
        {
            yield return Line("member", new ExportedMember(member.AccountId, member.Role, member.AssignedAt, member.AssignedBy), ApiJson.Default.ExportedMember);
        }
        foreach (var invitation in customer.Invitations) { yield return Line("invitation", InvitationResponse.From(invitation), ApiJson.Default.InvitationResponse); }
        await foreach (var key in holdings.Keys(customer.Id, cancellation)) { yield return Line("apiKey", ApiKeyResponse.From(key.Value, now), ApiJson.Default.ApiKeyResponse); }
        await foreach (var account in holdings.Accounts(customer.Id, cancellation))
        {
            yield return Line("serviceAccount", ServiceAccountResponse.From(account), ApiJson.Default.ServiceAccountResponse);
            foreach (var key in account.Value.Keys) { yield return Line("serviceAccountKey", KeyVersionResponse.From(key), ApiJson.Default.KeyVersionResponse); }
        }
        await foreach (var use in uses.Each(customer.Id, cancellation))
        {
            yield return Line("serviceAccountKeyUse", new ExportedKeyUse(KeyVersionUseStore.KeyOf(use.Value), use.Value.LastUsedAt, use.Value.LastUsedFrom), ApiJson.Default.ExportedKeyUse);
        }
        foreach (var month in await usage.Months(customer.Id, cancellation)) { yield return Line("usageMonth", UsageMonthResponse.From(month), ApiJson.Default.UsageMonthResponse); }
        await foreach (var report in Pages.Each(from => usage.Reports(customer.Id, PageSize, from, cancellation), cancellation))
        {
            yield return Line("usageReport", UsageOf(report.Value), ApiJson.Default.ExportedUsage);
        }
        await foreach (var told in Pages.Each(from => notifications.List(customer.Id, unreadOnly: false, PageSize, from, cancellation), cancellation))
        {
            yield return Line("notification", NotificationResponse.From(told.Value), ApiJson.Default.NotificationResponse);
        }
        await foreach (var webhook in webhooks.Each(customer.Id, cancellation)) { yield return Line("webhook", WebhookResponse.From(webhook), ApiJson.Default.WebhookResponse); }
        await foreach (var delivery in webhooks.EachDelivery(customer.Id, cancellation)) { yield return Line("webhookDelivery", DeliveryResponse.From(delivery.Value), ApiJson.Default.DeliveryResponse); }
        await foreach (var heard in stripe.Heard(customer, cancellation)) { yield return Line("stripe", StripeOf(heard), ApiJson.Default.ExportedStripe); }
        await foreach (var count in access.Each(customer.Id, cancellation)) { yield return Line("access", AccessResponse.From(count), ApiJson.Default.AccessResponse); }
        await foreach (var happened in audit.Events(customer.Id, cancellation)) { yield return Line("auditEvent", happened, ApiJson.Default.AuditEvent); }
    }

    private static Action<IBufferWriter<byte>> Line<T>(string type, T data, JsonTypeInfo<T> json) => output => JsonLines.Write(output, type, data, json);

    private static ExportedSettings SettingsOf(Customer of) => new(of.AllowedNetworks, of.QuietHours, of.LeakResponse, of.AzureScope, of.SalesReps, of.PlansOfMonths);

    private static ExportedUsage UsageOf(UsageEvent of) => new(of.EventId, of.Source, of.Meter, of.Quantity, of.Time, of.RecordedAt, of.RecordedBy);

    private static ExportedStripe StripeOf(StripeCustomer of) => new(
        of.StripeId,
        of.PaymentMethod?.Text,
        of.Subscriptions.ToDictionary(pair => pair.Key, pair => new ExportedStripeSubscription(
            pair.Value.Status, pair.Value.Plan?.Text, pair.Value.StartedAt, pair.Value.PeriodEnd?.Instant, pair.Value.CancelAtPeriodEnd)),
        of.Invoices.ToDictionary(pair => pair.Key, pair => new ExportedInvoice(pair.Value.SubscriptionId, pair.Value.FailedAt, pair.Value.PaidAt, pair.Value.GivenUpAt)));
}
