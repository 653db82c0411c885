using CustomerFunctions.Accounts;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Mail;

/// <summary>Timer: sends the mail that waits, because an instance ended or the receiver did not answer.</summary>
internal static class SendMail
{
    public static void MapMail(this IEndpointRouteBuilder app) => app.MapPost("/" + nameof(SendMail), Handle).IsTimer(nameof(SendMail), "MailSchedule");

    public static async Task<TimerResult> Handle(AccountStore accounts, CustomerStore customers, MailSender sender, TimeProvider clock, TimerPass pass, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var toPeople = await pass.Run(
            nameof(SendMail), (count, token) => accounts.MailDueAcrossAccounts(now, count, token), (Stored<Account> account, CancellationToken token) => sender.Send(account, token), cancellation);
        var toCustomers = await pass.Run(
            nameof(SendMail), (count, token) => customers.MailDueAcrossCustomers(now, count, token), (Stored<Customer> customer, CancellationToken token) => sender.Send(customer, token), cancellation);
        return toPeople.And(toCustomers);
    }
}
