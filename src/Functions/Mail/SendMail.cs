using CustomerFunctions.Accounts;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.SignIn;

namespace CustomerFunctions.Mail;

/// <summary>Timer: sends the mail that waits, because an instance ended or the receiver did not answer; first it takes up requests for a new password that an instance has left.</summary>
internal static class SendMail
{
    public static void MapMail(this IEndpointRouteBuilder app) => app.MapPost("/" + nameof(SendMail), Handle).IsTimer(nameof(SendMail), "MailSchedule");

    public static async Task<TimerResult> Handle(AccountStore accounts, CustomerStore customers, ForgottenPasswords forgotten, MailSender sender, TimeProvider clock, TimerPass pass, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var asked = await pass.Run(
            nameof(SendMail), (count, token) => forgotten.DueAcrossAccounts(now, count, token), (Stored<ForgottenPassword> request, CancellationToken token) => forgotten.Handle(request, token), cancellation);
        var toPeople = await pass.Run(
            nameof(SendMail), (count, token) => accounts.MailDueAcrossAccounts(now, count, token), (Stored<Account> account, CancellationToken token) => sender.Send(account, token), cancellation);
        var toCustomers = await pass.Run(
            nameof(SendMail), (count, token) => customers.MailDueAcrossCustomers(now, count, token), (Stored<Customer> customer, CancellationToken token) => sender.Send(customer, token), cancellation);
        return asked.And(toPeople).And(toCustomers);
    }
}
