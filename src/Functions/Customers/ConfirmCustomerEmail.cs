using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using CustomerFunctions.Shared;
using CustomerFunctions.SignIn;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Customers;

/// <param name="Token">From the mail.</param>
public sealed record ConfirmCustomerEmailRequest([property: Required] string? Token = null);

/// <summary>
/// Proves a customer's address by the mail that only its reader gets. The link is good once, for 24 hours, and as long
/// as the customer has the address. Whoever has confirmed that address as an account's may then
/// join the customer.
/// </summary>
internal static class ConfirmCustomerEmail
{
    public static async Task<Results<NoContent, Problem>> Handle(
        ConfirmCustomerEmailRequest request, CustomerStore store, Tokens tokens, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Text("/token", request.Token, 4096);
        if (checks.Refusal is { } invalid) { return invalid; }

        if (tokens.Link(request.Token) is not { Template: MailTemplate.ConfirmCustomerEmail } ticket || !Ids.IsValid(ticket.AccountId, "cus_")) { return Failures.LinkUnusable(); }
        var caller = new Caller(new Principal(PrincipalKind.System, EmailProofs.LinkReader, Role: null), context);
        while (await store.Read(ticket.AccountId, cancellation) is { } before && EmailProofs.Opened(before.Value, ticket.MailId, clock.GetUtcNow()) is { } after)
        {
            var (changed, refusal) = await store.TryChange(before, after.Recorded("customer.emailProven", before.Value, caller, clock), cancellation);
            if (changed is not null) { return TypedResults.NoContent(); }
            if (refusal!.Kind.Status != StatusCodes.Status412PreconditionFailed) { return refusal; }
        }
        return Failures.LinkUnusable();
    }
}
