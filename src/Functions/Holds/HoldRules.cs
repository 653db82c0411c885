using CustomerFunctions.Access;
using CustomerFunctions.Customers;

namespace CustomerFunctions.Holds;

/// <summary>
/// Who may place and who may lift which hold. A customer is active when no hold is left, so nobody gets one off by lifting another: what staff hold for security stays,
/// whatever is paid and whatever the owner asks for.
/// </summary>
internal static class HoldRules
{
    private static readonly Role[] Staff = [Role.Admin, Role.Operator];
    private static readonly Role[] StaffAndOwner = [.. Staff, Role.CustomerOwner];

    public static bool MayPlace(Hold hold, IEnumerable<Role> roles) => roles.Any(Rule(hold).Place.Contains);

    public static bool MayLift(Hold hold, IEnumerable<Role> roles) => roles.Any(Rule(hold).Lift.Contains);

    private static (Role[] Place, Role[] Lift) Rule(Hold hold) => hold switch
    {
        Hold.CustomerRequest => (StaffAndOwner, StaffAndOwner),
        _ => (Staff, Staff),
    };
}
