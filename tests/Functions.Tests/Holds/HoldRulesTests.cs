using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Holds;

namespace CustomerFunctions.Tests.Holds;

public sealed class HoldRulesTests
{
    public static TheoryData<Hold, string[]> Table => new()
    {
        { Hold.Billing, ["Admin", "Operator"] },
        { Hold.Security, ["Admin", "Operator"] },
        { Hold.Admin, ["Admin", "Operator"] },
        { Hold.CustomerRequest, ["Admin", "Operator", "CustomerOwner"] },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void A_hold_is_placed_and_lifted_by_these_roles_and_no_other(Hold hold, string[] roles)
    {
        foreach (var role in Enum.GetValues<Role>())
        {
            HoldRules.MayPlace(hold, [role]).Should().Be(roles.Contains(role.ToString()), "{0} places {1}", role, hold);
            HoldRules.MayLift(hold, [role]).Should().Be(roles.Contains(role.ToString()), "{0} lifts {1}", role, hold);
        }
        HoldRules.MayLift(hold, []).Should().BeFalse();
    }
}
