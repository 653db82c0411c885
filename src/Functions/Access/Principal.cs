namespace CustomerFunctions.Access;

/// <summary>Who is calling.</summary>
/// <param name="Role">What it may do; see <see cref="Permissions"/>.</param>
/// <param name="Id">What stands behind "who" in records: the id of the key or service account.</param>
/// <param name="CustomerId">The one customer it may see; null for staff.</param>
internal sealed record Principal(Role Role, string Id, string? CustomerId)
{
    public bool IsStaff => CustomerId is null;

    public bool May(Permission permission) => Permissions.RolesFor(permission).Contains(Role);

    /// <summary>Lets a handler take the caller as a parameter. The guard has put it there; a route without one never gets here.</summary>
    public static ValueTask<Principal?> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<Principal>());
}
