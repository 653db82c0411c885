using System.Reflection;
using System.Text.Json.Nodes;
using CustomerFunctions.Closing;
using CustomerFunctions.Customers;
using CustomerFunctions.Exports;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.Tests.Stripe;
using CustomerFunctions.Tests.Usage;

namespace CustomerFunctions.Tests.Exports;

/// <summary>An export is complete: everything that a purge would delete is in it, and a kind that comes later cannot be forgotten.</summary>
public sealed class ExportCompletenessTests
{
    /// <summary>Kinds of documents that belong to no single customer, or live for a day at most.</summary>
    private static readonly string[] NotACustomers =
    [
        "account", "administrators", "attempts", "claim", "deletedIdentity", "forgottenPassword", "idempotency", "keyRing", "requests", "stripePosition", "stripeReceipt",
    ];

    /// <summary>What the lines do not have of a customer's document: copies of its other fields, and what is due or under way.</summary>
    private static readonly string[] NotExported =
    [
        "Id", "Type", "CustomerId", "Search", "EmailLink", "Mail", "MailDueAt", "MailAttempts", "StripeRevisions", "TrialDueAt", "SubscriptionDueAt", "AuditPurgeDueAt", "CreationKey", "PurgeDueAt",
        "StandingDueAt", "PurgeStartedAt", "IsUnchanged", "IsHeldForPayment", "SchemaVersion", "WriteId", "Revision", "Outbox", "OutboxDueAt", "Ttl", "Unknown",
    ];

    private static readonly string[] Exported =
    [
        "Fields", "Name", "Slug", "Email", "EmailProof", "Status", "Holds", "HoldNotes", "FlagOverrides", "Members", "Invitations", "SalesReps", "AllowedNetworks", "AzureScope", "QuietHours",
        "LeakResponse", "Plan", "PlansOfMonths", "Trial", "Subscription", "StripeIds", "CreatedAt", "CreatedBy", "UpdatedAt", "UpdatedBy", "DeletedAt",
    ];

    [Fact]
    public void Every_kind_of_document_is_a_customers_and_deleted_and_exported_or_is_said_not_to_be()
    {
        var kinds = typeof(Customer).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Document)))
            .Select(type => (string?)type.GetField("DocumentType", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue()).OfType<string>().ToList();

        kinds.Except(NotACustomers).Append("access").Should().BeEquivalentTo(CustomerPurge.Deletes, "a kind that a customer owns is deleted by its purge");
        CustomerArchive.LinesOf.Keys.Should().BeEquivalentTo(CustomerPurge.Deletes, "what a purge deletes can be exported before");
    }

    [Fact]
    public void Every_property_of_a_customer_is_exported_or_is_said_not_to_be() =>
        typeof(Customer).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(property => property.Name).Except(NotExported).Should().BeEquivalentTo(Exported);

    [Fact]
    public async Task Of_a_customer_with_something_of_each_kind_every_document_is_in_the_export_and_no_secret()
    {
        await using var app = await App.StartWithoutSchedules();
        var (person, path) = await Person.Owning(app);
        var id = path.Split('/')[^1];
        var key = await app.CreateApiKey(id);
        (await app.Caller(key).Get(path)).ShouldBe(200);
        var account = await app.CreateServiceAccount(id);
        var secret = await app.CurrentSecret((string)account["secretName"]!);
        (await app.Caller(secret).Get(path)).ShouldBe(200);
        (await new Consumption(app, id).Record(Consumption.Report("one"))).ShouldBe(200);
        var webhook = (await app.Admin.Post(path + "/webhooks", new { url = "https://hooks.example.com/in" })).ShouldBe(201);
        (await app.Admin.Post($"{path}/webhooks/{webhook["webhook"]!["id"]}/test")).Status.Should().BeLessThan(300);
        (await app.Admin.Post(path + "/invitations", new { email = App.NewEmail(), role = "member" })).ShouldBe(201);
        (await app.Admin.Put(path + "/feature-flags/customBranding", new { enabled = true })).Status.Should().BeLessThan(300);
        (await app.Admin.Put(path + "/ip-rules", new { networks = new[] { "0.0.0.0/0" } }, "*")).Status.Should().BeLessThan(300);
        (await app.Admin.Put(path + "/quiet-hours", new { hours = new[] { new { start = "08:00", duration = "PT2H" } } }, "*")).Status.Should().BeLessThan(300);
        var stripe = await StripeWorld.Start(app, id);
        var now = await app.Cloud.Now();
        foreach (var said in new[] { stripe.Checkout(now), stripe.Subscription("created", now, "active", "basic") }) { (await stripe.Deliver(said)).ShouldBe(200); }
        await app.Cloud.Advance(TimeSpan.FromHours(1));
        await app.Cloud.RunTimer("WriteAuditEvents");
        var owned = (await app.Data.All("customers")).Where(document => (string?)document["customerId"] == id).ToList();
        owned.Select(document => (string)document["type"]!).Distinct().Append("stripeCustomer").Append("access").Should().BeEquivalentTo(CustomerPurge.Deletes, "this customer has everything");

        var exported = (await app.Admin.Get(path + "/export")).ShouldBe(200);

        var lines = exported.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
        lines.Select(line => (string)line["type"]!).Distinct().Should().BeEquivalentTo(CustomerArchive.LinesOf.Values.SelectMany(types => types).Append("auditEvent").Distinct());
        foreach (var (kind, types) in CustomerArchive.LinesOf.Where(pair => pair.Key is not ("stripeCustomer" or "access" or "webhookPlaces")))
        {
            lines.Count(line => (string?)line["type"] == types[0]).Should().Be(owned.Count(document => (string?)document["type"] == kind), kind);
        }
        ((string?)lines.First(line => (string?)line["type"] == "settings")["data"]!["quietHours"]![0]!["start"]).Should().Be("08:00");
        exported.Body.Should().NotContain(key).And.NotContain(secret).And.NotContain((string)webhook["secret"]!).And.NotContain(person.AccessToken);
        foreach (var document in owned.Where(document => document["hash"] is not null)) { exported.Body.Should().NotContain((string)document["hash"]!); }
        foreach (var version in owned.Where(document => document["keys"] is not null).SelectMany(document => document["keys"]!.AsArray())) { exported.Body.Should().NotContain((string)version!["hash"]!); }
    }
}
