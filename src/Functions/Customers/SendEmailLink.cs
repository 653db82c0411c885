using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using CustomerFunctions.RateLimits;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Customers;

/// <summary>
/// Mails another link to a customer's address, if the address is unproven. Earlier links end. The answer is the same
/// either way.
/// </summary>
internal static class SendEmailLink
{
    public static async Task<Results<Accepted, Problem>> Handle(
        string customerId, CustomerInPath customer, Caller caller, CustomerStore store, SignInBudgets budgets, MailSender mail, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        if (await budgets.Try(Budgets.Mail, customer.Value.Email, context.Connection.RemoteIpAddress, cancellation) is { } tooMany) { return tooMany; }
        for (Stored<Customer>? before = customer.Stored; before is { Value.DeletedAt: null }; before = await store.Read(customerId, cancellation))
        {
            if (EmailProofs.Of(before.Value) is not null) { return TypedResults.Accepted((string?)null); }
            var after = EmailProofs.WithLink(before.Value, caller.Principal.May(Permission.MembersWrite, before.Value), clock) with { UpdatedAt = clock.GetUtcNow(), UpdatedBy = caller.Id };
            if (await store.TryReplace(before, after.Recorded("customer.emailLinkSent", before.Value, caller, clock), cancellation) is not { } changed) { continue; }
            mail.SendAfter(context, changed.Value);
            return TypedResults.Accepted((string?)null);
        }
        return Failures.NotFound("customer");
    }
}
