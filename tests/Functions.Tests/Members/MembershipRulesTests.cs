using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Members;
using FsCheck.Fluent;

namespace CustomerFunctions.Tests.Members;

public sealed class MembershipRulesTests
{
    /// <summary>Accounts that cannot sign in.</summary>
    private static readonly string[] Gone = ["gone", "gone2"];

    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("owner1=owner", "owner1", "admin", Role.CustomerOwner, "last-owner")]
    [InlineData("owner1=owner", "owner1", "admin", Role.Admin, "last-owner")]
    [InlineData("owner1=owner,owner2=owner", "owner1", "admin", Role.CustomerOwner, null)]
    [InlineData("owner1=owner,owner2=owner", "owner1", "viewer", Role.CustomerAdmin, "forbidden")]
    [InlineData("owner1=owner,m=member", "m", "owner", Role.CustomerAdmin, "forbidden")]
    [InlineData("owner1=owner,m=member", "m", "owner", Role.CustomerOwner, null)]
    [InlineData("owner1=owner", "new", "owner", Role.CustomerOwner, "not-found")]
    [InlineData("owner1=owner", "new", "viewer", Role.CustomerAdmin, "not-found")]
    [InlineData("owner1=owner", "new", "viewer", Role.SalesRep, "not-found")]
    [InlineData("owner1=owner", "new", "viewer", Role.Admin, null)]
    [InlineData("owner1=owner,gone=owner", "owner1", "admin", Role.CustomerOwner, "last-owner")]
    [InlineData("owner1=owner,gone=owner", "gone", "admin", Role.CustomerOwner, null)]
    [InlineData("gone=owner", "gone", "admin", Role.Admin, "last-owner")]
    [InlineData("gone=owner,gone2=owner", "gone", "admin", Role.Admin, null)]
    [InlineData("", "new", "owner", Role.Operator, null)]
    [InlineData("owner1=owner,m=member", "m", "admin", Role.CustomerAdmin, null)]
    public void A_role_is_assigned_or_refused(string members, string account, string role, object caller, string? refusal)
    {
        var (after, problem) = MembershipRules.Assign(With(members), account, Parse(role), [(Role)caller], "by", Now, Gone);
        problem?.Kind.Code.Should().Be(refusal);
        if (refusal is null) { after!.Members.Single(member => member.AccountId == account).Role.Should().Be(Parse(role)); }
    }

    [Theory]
    [InlineData("owner1=owner", "owner1", "owner1", Role.CustomerOwner, "last-owner")]
    [InlineData("owner1=owner,owner2=owner", "owner1", "owner1", Role.CustomerOwner, null)]
    [InlineData("owner1=owner,owner2=owner", "owner1", "a", Role.CustomerAdmin, "forbidden")]
    [InlineData("owner1=owner,m=member", "m", "a", Role.CustomerAdmin, null)]
    [InlineData("owner1=owner,m=member", "m", "m", Role.CustomerMember, null)]
    [InlineData("owner1=owner,m=member,v=viewer", "m", "v", Role.CustomerViewer, "forbidden")]
    [InlineData("owner1=owner", "stranger", "owner1", Role.CustomerOwner, null)]
    [InlineData("owner1=owner,gone=owner", "owner1", "owner1", Role.CustomerOwner, "last-owner")]
    [InlineData("owner1=owner,gone=owner", "gone", "owner1", Role.CustomerOwner, null)]
    [InlineData("owner1=owner,owner2=owner,gone=owner", "owner1", "owner1", Role.CustomerOwner, null)]
    public void A_person_is_taken_out_or_stays(string members, string account, string by, object caller, string? refusal)
    {
        var (after, problem) = MembershipRules.Remove(With(members), account, [(Role)caller], by, Now, Gone);
        problem?.Kind.Code.Should().Be(refusal);
        if (refusal is null) { after!.Members.Should().NotContain(member => member.AccountId == account); }
    }

    [Fact]
    public void Whatever_is_tried_in_whatever_order_an_owner_who_can_sign_in_is_left_and_nobody_is_there_twice() => Generated.Check(
        (from removes in Gen.Elements(true, false)
         from account in Gen.Elements("a", "b", "c", "gone")
         from role in Gen.Elements(Enum.GetValues<MemberRole>())
         from caller in Gen.Elements(Role.Admin, Role.CustomerOwner, Role.CustomerAdmin, Role.CustomerMember)
         select (removes, account, role, caller)).ListOf(),
        steps =>
        {
            var customer = With("first=owner");
            foreach (var (removes, account, role, caller) in steps)
            {
                var (after, _) = removes
                    ? MembershipRules.Remove(customer, account, [caller], "by", Now, Gone)
                    : MembershipRules.Assign(customer, account, role, [caller], "by", Now, Gone);
                customer = after ?? customer;
                (after, _) = MembershipRules.Remove(customer, "first", [caller], "first", Now, Gone);
                customer = after ?? customer;
                customer.Members.Should().Contain(member => member.Role == MemberRole.Owner && !Gone.Contains(member.AccountId));
                customer.Members.Select(member => member.AccountId).Should().OnlyHaveUniqueItems();
            }
        });

    private static MemberRole Parse(string role) => Enum.Parse<MemberRole>(role, ignoreCase: true);

    private static Customer With(string members) => Customer.Start("cus_1", "ada", new CustomerFields("Ada", "ada@example.com"), "x", Now) with
    {
        Members = [.. members.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('=')).Select(pair => new Member(pair[0], Parse(pair[1]), Now, "x"))],
    };
}
