using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using CustomerFunctions.Members;
using CustomerFunctions.Names;
using CustomerFunctions.Plans;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.SignIn;
using CustomerFunctions.Subscriptions;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Customers;

/// <summary>
/// Makes a customer and starts its trial; with a password, its owner's account too. The account comes first and knows its customer's id, so a customer never has an owner that does not exist. Should
/// the request die in between, the same request makes the rest, and so does the owner's first one (see <see cref="Members.EnsureCustomer"/>).
/// </summary>
internal static class CreateCustomer
{
    public static async Task<Results<Created<CustomerResponse>, Problem>> Handle(
        NewCustomer request, Caller caller, CustomerStore store, AccountStore accounts, Passwords passwords, HashingGate gate, NewIds ids, TimeProvider clock, HttpContext context,
        CancellationToken cancellation)
    {
        var fields = request.Fields();
        if ((fields.Check() ?? CheckOthers(request)) is { } invalid) { return invalid; }
        if (request.Password is not null && !caller.Principal.May(Permission.AccountsWrite, customer: null)) { return Failures.ForbiddenHere("A password makes an account too, which takes the permission accounts.write."); }

        if (request.Plan is not null && !(caller.IsStaff && caller.Principal.May(Permission.SubscriptionsWrite, customer: null)))
        {
            return Failures.ForbiddenHere("Only staff choose a plan here. Others begin with a trial and change the plan through /subscription/change.");
        }

        var id = ids.Customer();
        Stored<Account>? owner = null;
        if (request.Password is not null)
        {
            var (place, busy) = gate.TryEnter(context);
            if (place is null) { return busy!; }
            using var held = place;
            // What is refused anyway is refused before an account is made for it.
            if (await store.FindByEmail(fields.Email!, cancellation) is { } other && other.Value.Id != id) { return Failures.EmailTaken(); }
            var hash = await passwords.Hash(request.Password, place, cancellation);
            (owner, var taken) = await accounts.TryAdd(OwnerOf(id, ids.Account(), request, hash, caller, clock).Recorded(null, caller, clock), cancellation, flush: false);
            if (owner is null) { return taken!; }
        }
        var (added, refusal) = await Add(id, fields, owner?.Value.Id, creationKey: null, request.Plan, caller, store, clock, cancellation);
        if (added is null)
        {
            if (owner is not null && refusal!.Kind.Status == StatusCodes.Status409Conflict) { await accounts.TryRemove(owner, cancellation); }
            return refusal!;
        }
        context.Response.Headers.ETag = added.ETag;
        return TypedResults.Created($"/api/customers/{added.Value.Id}", CustomerResponse.From(added));
    }

    public static Task<(Stored<Customer>? Added, Problem? Refusal)> Add(
        string id, CustomerFields fields, string? ownerId, string? creationKey, string? plan, Caller caller, CustomerStore store, TimeProvider clock, CancellationToken cancellation)
    {
        var slug = fields.Slug ?? Slugs.From(fields.Name!, maxLength: 50, fallback: "customer");
        var now = clock.GetUtcNow();
        var customer = Customer.Start(id, slug, fields, caller.Id, now, EmailProofs.WordOf(caller, Permission.CustomersCreate)) with
        {
            CreationKey = creationKey,
            Members = ownerId is null ? [] : [new Member(ownerId, MemberRole.Owner, now, caller.Id)],
            // A sales representative sees what is assigned to it, and would not find what it has just created.
            SalesReps = caller.Principal.Role == Role.SalesRep ? [caller.Id] : [],
        };
        if (ownerId is not null) { customer = EmailProofs.Used(customer, customer.Email); }
        if (plan is not null and not Customer.TrialPlan) { customer = customer.ChangePlan(plan, caller.Id, now); }
        return store.TryAdd(customer, slugIsChosen: fields.Slug is not null, made => made.Recorded("customer.created", null, caller, clock), cancellation);
    }

    private static Problem? CheckOthers(NewCustomer request)
    {
        var checks = new Checks();
        if (request.Password is not null) { PasswordRules.Check(checks, "/password", request.Password, request.Email, request.Name); }
        if (request.Plan is not null && PlanCatalogue.Find(request.Plan) is null) { checks.Add("/plan", "unknown-value", "There is no such plan; GET /api/plans lists them."); }
        return checks.Refusal;
    }

    /// <summary>Staff who give out a password vouch for the address, as they do when they make an account.</summary>
    private static Account OwnerOf(string customerId, string accountId, NewCustomer request, string hash, Caller caller, TimeProvider clock) =>
        Account.Start(accountId, AccountStore.NormalizeEmail(request.Email!), request.Name!.Trim(), hash, PlatformRole.Customer, caller.Id, clock.GetUtcNow()) with
        {
            EmailConfirmed = true,
            OwnCustomerId = customerId,
            Customers = [new AccountCustomer(customerId)],
            DefaultCustomerId = customerId,
        };
}
