using System.Text.Json;
using System.Text.Json.Nodes;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using FsCheck.Fluent;

namespace CustomerFunctions.Tests.Customers;

public sealed class CustomerTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Hold[] AllHolds = Enum.GetValues<Hold>();

    [Theory]
    [InlineData("ada@example.com", "ada@example.com")]
    [InlineData("  ADA@Example.COM\t", "ada@example.com")]
    [InlineData("ÄDA@example.com", "äda@example.com")]
    public void An_email_is_compared_without_case_and_outer_white_space(string given, string kept) => Customer.NormalizeEmail(given).Should().Be(kept);

    [Fact]
    public void A_customer_starts_active_on_a_trial_of_fourteen_days_and_ten_units()
    {
        var customer = New();

        customer.Status.Should().Be(CustomerStatus.Active);
        customer.Trial.Should().Be(new Trial(TrialStatus.Active, Now, Now.AddDays(14), UnitsLimit: 10, UnitsUsed: 0));
        customer.TrialDueAt.Should().Be(Now.AddDays(11), "it is reminded three days before");
        customer.Subscription.Status.Should().Be(SubscriptionStatus.Trialing);
    }

    [Fact]
    public void It_is_suspended_exactly_while_a_hold_is_left() => Generated.Check(
        from count in Gen.Choose(0, 12)
        from steps in (from hold in Gen.Elements(AllHolds) from place in Gen.Elements(true, false) select (hold, place)).ArrayOf(count)
        select steps,
        steps =>
        {
            var (customer, model) = (New(), new List<Hold>());
            foreach (var (hold, place) in steps)
            {
                var after = place ? customer.Suspend(hold, "x", Now) : customer.Restore(hold, "x", Now);
                var changes = place != model.Contains(hold);
                ReferenceEquals(after, customer).Should().Be(!changes, "what changes nothing is not written");
                if (changes && place) { model.Add(hold); }
                if (changes && !place) { model.Remove(hold); }
                customer = after;
                customer.Holds.Should().Equal(model);
                customer.Status.Should().Be(model.Count == 0 ? CustomerStatus.Active : CustomerStatus.Suspended);
            }
        });

    [Fact]
    public void A_change_keeps_the_slug_when_none_is_given_and_says_who_and_when()
    {
        var changed = New().Change(new CustomerFields("Grace", "grace@example.com"), "key_1", Now.AddHours(1));

        changed.Slug.Should().Be("ada");
        changed.Name.Should().Be("Grace");
        (changed.CreatedAt, changed.CreatedBy, changed.UpdatedAt, changed.UpdatedBy).Should().Be((Now, "staff", Now.AddHours(1), "key_1"));
        changed.Search.Should().Contain("grace").And.NotContain("lovelace");
    }

    [Fact]
    public void A_document_of_an_earlier_version_reads_as_one_without_holds_and_overrides()
    {
        var stored = JsonSerializer.SerializeToNode(New(), StoreJson.Default.Customer)!.AsObject();
        foreach (var later in new[] { "holds", "holdNotes", "flagOverrides", "members", "salesReps" }) { stored.Remove(later); }

        var read = stored.Deserialize(StoreJson.Default.Customer)!;

        read.Holds.Should().BeEmpty();
        read.HoldNotes.Should().BeEmpty();
        read.FlagOverrides.Should().BeEmpty();
        read.Suspend(Hold.Billing, "x", Now, "Unpaid").HoldNotes.Should().Equal(new HoldNote(Hold.Billing, "Unpaid", Now, "x"));
    }

    [Fact]
    public void Fields_that_a_later_version_stored_survive_a_change()
    {
        var stored = JsonSerializer.SerializeToNode(New(), StoreJson.Default.Customer)!.AsObject();
        stored["loyalty"] = new JsonObject { ["tier"] = "gold" };

        var read = stored.Deserialize(StoreJson.Default.Customer)!;
        var written = JsonSerializer.SerializeToNode(read.Suspend(Hold.Billing, "x", Now), StoreJson.Default.Customer)!;

        ((string)written["loyalty"]!["tier"]!).Should().Be("gold");
    }

    [Fact]
    public void A_closed_customer_is_no_longer_due_for_its_trial() => New().Close("staff", Now).TrialDueAt.Should().BeNull();

    private static Customer New() => Customer.Start("cus_1", "ada", new CustomerFields("Ada Lovelace", "ada@example.com"), "staff", Now);
}
