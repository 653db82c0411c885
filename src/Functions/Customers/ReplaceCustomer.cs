using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using CustomerFunctions.RateLimits;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Customers;

/// <summary>Replaces everything that callers set about a customer; what the body leaves out is cleared, but for the slug.</summary>
internal static class ReplaceCustomer
{
    public static async Task<Results<Ok<CustomerResponse>, Problem>> Handle(
        string customerId, CustomerInPath customer, CustomerFields fields, Caller caller, CustomerStore store, SignInBudgets budgets, MailSender mail, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        if (fields.Check() is { } invalid) { return invalid; }
        if (Preconditions.Check(context.Request, customer.Stored.ETag) is { } refusal) { return refusal; }
        return await Apply(customer.Stored, fields, caller, store, budgets, mail, clock, context, cancellation);
    }

    /// <summary>
    /// Applies the change. An address that nobody vouches for gets a link by mail, so it takes one attempt of the
    /// address's budget for mail.
    /// </summary>
    public static async Task<Results<Ok<CustomerResponse>, Problem>> Apply(
        Stored<Customer> customer, CustomerFields fields, Caller caller, CustomerStore store, SignInBudgets budgets, MailSender mail, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var changes = customer.Value.Change(fields, caller.Id, clock.GetUtcNow(), EmailProofs.WordOf(caller, Permission.CustomersWrite));
        var isUnproven = !EmailProofs.SameMailbox(customer.Value.Email, changes.Email) && EmailProofs.Of(changes) is null;
        if (isUnproven && await budgets.Try(Budgets.Mail, changes.Email, context.Connection.RemoteIpAddress, cancellation) is { } tooMany) { return tooMany; }

        var mayAdmit = caller.Principal.May(Permission.MembersWrite, customer.Value);
        var (changed, refusal) = await store.TryChange(customer, changes.Recorded("customer.updated", customer.Value, caller, clock), cancellation, mayAdmit);
        if (changed is null) { return refusal!; }
        if (isUnproven) { mail.SendAfter(context, changed.Value); }
        context.Response.Headers.ETag = changed.ETag;
        return TypedResults.Ok(CustomerResponse.From(changed));
    }
}
