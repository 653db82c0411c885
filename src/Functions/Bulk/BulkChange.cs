using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;

namespace CustomerFunctions.Bulk;

/// <summary>Does one item of a bulk request by the rules of the action's own route, permission included.</summary>
internal sealed class BulkChange(CustomerStore store, TimeProvider clock)
{
    private const int MaxKeyLength = 100;

    public Task<(string? Id, int Status, Problem? Refusal)> Apply(BulkItem item, Caller caller, CancellationToken cancellation) => item.Action switch
    {
        "create" => Create(item, caller, cancellation),
        "patch" => OnCustomer("customer.updated", item, caller, Permission.CustomersWrite, needsIfMatch: true, customer => Patch(item, customer, caller), cancellation),
        "suspend" => OnCustomer("customer.suspended", item, caller, Permission.CustomersSuspend, needsIfMatch: false, customer => Suspend(item, customer, caller), cancellation),
        "restore" => OnCustomer("customer.restored", item, caller, Permission.CustomersSuspend, needsIfMatch: false, customer => Restore(item, customer, caller), cancellation),
        "activate" => OnCustomer("customer.restored", item, caller, Permission.CustomersActivate, needsIfMatch: false, customer => (customer.Restore(Hold.Admin, caller.Id, clock.GetUtcNow()), null), cancellation),
        "deactivate" => OnCustomer("customer.suspended", item, caller, Permission.CustomersActivate, needsIfMatch: false, customer => (customer.Suspend(Hold.Admin, caller.Id, clock.GetUtcNow()), null), cancellation),
        "delete" => OnCustomer("customer.deleted", item, caller, Permission.CustomersDelete, needsIfMatch: true, customer => (customer.Close(caller.Id, clock.GetUtcNow()), null), cancellation),
        _ => Refused(item.Id, Failures.Invalid("/action", "unknown-value", "Expected create, patch, suspend, restore, activate, deactivate or delete.")),
    };

    /// <summary>The key is remembered in the customer that it made: whoever sends the item again is told of that one.</summary>
    private async Task<(string? Id, int Status, Problem? Refusal)> Create(BulkItem item, Caller caller, CancellationToken cancellation)
    {
        if (!caller.Principal.May(Permission.CustomersCreate, customer: null)) { return (null, 0, Failures.Forbidden(Permissions.Name(Permission.CustomersCreate))); }
        if (item.Key is { Length: 0 or > MaxKeyLength }) { return (null, 0, Failures.Invalid("/key", "too-long", $"Expected 1 to {MaxKeyLength} characters.")); }
        var (fields, malformed) = Read(item.Body, ApiJson.Default.CustomerFields);
        if ((malformed ?? fields!.Check()) is { } refusal) { return (null, 0, refusal); }

        var (added, refused) = await CreateCustomer.Add(Ids.Customer(clock), fields!, ownerId: null, item.Key, plan: null, caller, store, clock, cancellation);
        if (added is not null) { return (added.Value.Id, StatusCodes.Status201Created, null); }
        return item.Key is not null && await store.FindByEmail(fields!.Email!, cancellation) is { Value: { DeletedAt: null } made } && made.CreationKey == item.Key && made.CreatedBy == caller.Id
            ? (made.Id, StatusCodes.Status200OK, null)
            : (null, 0, refused);
    }

    /// <summary>Changes a customer. What does not depend on an ETag is tried again after another write.</summary>
    private async Task<(string? Id, int Status, Problem? Refusal)> OnCustomer(
        string action, BulkItem item, Caller caller, Permission permission, bool needsIfMatch, Func<Customer, (Customer? After, Problem? Refusal)> change, CancellationToken cancellation)
    {
        while (true)
        {
            if (!Ids.IsValid(item.Id, "cus_") || await store.Read(item.Id!, cancellation) is not { Value.DeletedAt: null } customer) { return (item.Id, 0, Failures.NotFound("customer")); }
            if (!caller.Principal.May(permission, customer.Value)) { return (item.Id, 0, Failures.Forbidden(Permissions.Name(permission))); }
            if (needsIfMatch && Preconditions.Check(item.IfMatch, customer.ETag) is { } stale) { return (item.Id, 0, stale); }
            var (after, refusal) = change(customer.Value);
            if (after is null) { return (item.Id, 0, refusal); }

            var (changed, refused) = ReferenceEquals(after, customer.Value) ? (customer, null) : await store.TryChange(customer, after.Recorded(action, customer.Value, caller, clock), cancellation);
            if (changed is null && ((needsIfMatch && !Preconditions.TakesWhateverIsThere(item.IfMatch)) || refused!.Kind.Status != StatusCodes.Status412PreconditionFailed)) { return (item.Id, 0, refused); }
            if (changed is null) { continue; }
            return (item.Id, changed.Value.DeletedAt is null ? StatusCodes.Status200OK : StatusCodes.Status204NoContent, null);
        }
    }

    private (Customer? After, Problem? Refusal) Patch(BulkItem item, Customer customer, Caller caller)
    {
        if (item.Body is null) { return (null, BodyRequired()); }
        var (fields, refusal) = PatchCustomer.Merged(customer, item.Body);
        return fields is null ? (null, refusal) : (customer.Change(fields, caller.Id, clock.GetUtcNow(), EmailProofs.WordOf(caller, Permission.CustomersWrite)), null);
    }

    private (Customer? After, Problem? Refusal) Suspend(BulkItem item, Customer customer, Caller caller)
    {
        var (request, malformed) = Read(item.Body, ApiJson.Default.SuspendCustomerRequest);
        if ((malformed ?? request!.Check() ?? request.Refusal(customer, caller)) is { } refusal) { return (null, refusal); }
        return (customer.Suspend(request!.Hold!.Value, caller.Id, clock.GetUtcNow(), request.Reason!.Trim()), null);
    }

    private (Customer? After, Problem? Refusal) Restore(BulkItem item, Customer customer, Caller caller)
    {
        var (request, malformed) = Read(item.Body, ApiJson.Default.RestoreCustomerRequest);
        if ((malformed ?? request!.Check() ?? request.Refusal(customer, caller)) is { } refusal) { return (null, refusal); }
        return (customer.Restore(request!.Hold!.Value, caller.Id, clock.GetUtcNow()), null);
    }

    private static (T? Value, Problem? Refusal) Read<T>(JsonObject? body, JsonTypeInfo<T> json)
        where T : class
    {
        if (body is null) { return (null, BodyRequired()); }
        try { return (body.Deserialize(json), null); }
        catch (JsonException e) { return (null, JsonProblems.Explain(e)); }
    }

    private static Problem BodyRequired() => Failures.Invalid("/body", "required", "The field is required.");

    private static Task<(string? Id, int Status, Problem? Refusal)> Refused(string? id, Problem refusal) => Task.FromResult<(string?, int, Problem?)>((id, 0, refusal));
}
