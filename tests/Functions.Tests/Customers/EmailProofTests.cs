using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Mail;
using CustomerFunctions.Members;

namespace CustomerFunctions.Tests.Customers;

public sealed class EmailProofTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(Role.Admin, "staff", "staff")]
    [InlineData(Role.Operator, "staff", "staff")]
    [InlineData(Role.SalesRep, "staff", null)]
    [InlineData(Role.CustomerKey, null, null)]
    [InlineData(Role.ServiceAccount, null, null)]
    [InlineData(null, null, null)]
    public void Staff_vouch_by_their_platform_roles_own_permission_and_nobody_else(object? role, string? creating, string? changing)
    {
        var caller = new Caller(new Principal(PrincipalKind.Person, "x", (Role?)role), context: null);
        Name(EmailProofs.WordOf(caller, Permission.CustomersCreate)).Should().Be(creating);
        Name(EmailProofs.WordOf(caller, Permission.CustomersWrite)).Should().Be(changing);
    }

    [Theory]
    [InlineData("ada@example.com", null, "staff")]
    [InlineData(" ADA@example.com", null, "staff")]
    [InlineData("grace@example.com", null, null)]
    [InlineData("grace@example.com", EmailProofBy.Staff, "staff")]
    public void A_change_keeps_the_proof_of_an_address_that_stays_and_drops_it_with_the_address(string email, object? word, string? proven)
    {
        var changed = New().Change(new CustomerFields("Ada", email), "by", Now.AddHours(1), (EmailProofBy?)word);
        Name(EmailProofs.Of(changed)?.By).Should().Be(proven);

        var back = New().Change(new CustomerFields("Ada", "grace@example.com"), "by", Now.AddHours(1)).Change(new CustomerFields("Ada", "ada@example.com"), "by", Now.AddHours(2));
        EmailProofs.Of(back).Should().BeNull("what was dropped does not come back with the address");
    }

    [Fact]
    public void A_proof_admits_one_account_with_that_very_address()
    {
        EmailProofs.Admits(New(), "Ada@Example.com").Should().BeTrue();
        EmailProofs.Admits(New(), "ada@example.org").Should().BeFalse();
        EmailProofs.Admits(EmailProofs.Used(New(), "ada@example.com"), "ada@example.com").Should().BeFalse();
        EmailProofs.Admits(EmailProofs.Used(New(), "grace@example.com"), "ada@example.com").Should().BeTrue("somebody else was removed");
        EmailProofs.Admits(New() with { EmailProof = null, UpdatedAt = Now.AddMinutes(1) }, "ada@example.com").Should().BeFalse();
        EmailProofs.Admits(New() with { EmailProof = null }, "ada@example.com").Should().BeTrue("nothing was changed since it was created");
        EmailProofs.Admits(New() with { EmailProof = null, Members = [new Member("acc_1", MemberRole.Owner, Now, "staff")] }, "ada@example.com").Should().BeFalse("its person is there");
    }

    [Fact]
    public void A_write_keeps_the_proof_of_a_document_from_before_proofs()
    {
        var before = New() with { EmailProof = null };
        EmailProofs.Of(EmailProofs.Kept(before, before with { UpdatedAt = Now.AddDays(1) })).Should().NotBeNull();
        EmailProofs.Of(EmailProofs.Kept(before, before.Change(new CustomerFields("Ada", "grace@example.com"), "by", Now.AddDays(1)))).Should().BeNull();
        var changed = before with { UpdatedAt = Now.AddDays(1) };
        EmailProofs.Of(EmailProofs.Kept(changed, changed)).Should().BeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_link_proves_once_within_its_time_and_admits_if_it_was_asked_for_by_who_makes_members(bool admits)
    {
        var clock = new Frozen();
        var sent = EmailProofs.WithLink(Unproven(), admits, clock);
        var id = sent.EmailLink!.MailId;

        EmailProofs.Opened(sent, "another", Now).Should().BeNull();
        EmailProofs.Opened(sent, id, Now + EmailProofs.LinkLife).Should().BeNull();
        EmailProofs.Opened(sent with { DeletedAt = Now }, id, Now).Should().BeNull();
        var opened = EmailProofs.Opened(sent, id, Now + EmailProofs.LinkLife - TimeSpan.FromSeconds(1))!;
        EmailProofs.Of(opened)!.By.Should().Be(EmailProofBy.Link);
        EmailProofs.Admits(opened, "ada@example.com").Should().Be(admits);
        EmailProofs.Opened(opened, id, Now).Should().BeNull();
        EmailProofs.WithLink(sent, admits: false, clock).EmailLink!.Admits.Should().Be(admits, "asking again takes nothing back");
    }

    [Fact]
    public void However_often_the_address_changes_the_first_is_told_and_what_waits_is_bounded()
    {
        var clock = new Frozen();
        var customer = New();
        for (var i = 0; i < 100; i++)
        {
            var after = customer.Change(new CustomerFields("Ada", $"other{i}@example.com"), "key_1", Now);
            customer = EmailProofs.Told(customer, after, admits: false, clock);
        }
        customer.Mail.Should().HaveCount(20);
        customer.Mail[0].Should().Match<PendingMail>(mail => mail.To == "ada@example.com" && mail.Template == MailTemplate.CustomerEmailChanged && mail.LinkExpiresAt == null);
        customer.Mail.Where(mail => mail.Template == MailTemplate.ConfirmCustomerEmail).Should().ContainSingle().Which.To.Should().Be("other99@example.com");
        EmailProofs.Told(New(), New().Change(new CustomerFields("Ada", "grace@example.com"), "staff", Now, EmailProofBy.Staff), admits: true, clock).Mail.Should().BeEmpty("staff know what they do");
    }

    private static string? Name(EmailProofBy? by) => by?.ToString().ToLowerInvariant();

    private static Customer Unproven() => New() with { EmailProof = null, UpdatedAt = Now.AddMinutes(1) };

    private static Customer New() => Customer.Start("cus_1", "ada", new CustomerFields("Ada", "ada@example.com"), "staff", Now, EmailProofBy.Staff);

    private sealed class Frozen : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => Now;
    }
}
