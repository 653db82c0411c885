using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Mail;

/// <summary>Timer: sends the mail that waits, because an instance ended or the receiver did not answer.</summary>
internal static class SendMail
{
    public static void MapMail(this IEndpointRouteBuilder app) => app.MapPost("/" + nameof(SendMail), Handle).IsTimer(nameof(SendMail), "MailSchedule");

    public static Task<TimerResult> Handle(AccountStore accounts, MailSender sender, TimeProvider clock, TimerPass pass, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        return pass.Run(nameof(SendMail), (count, token) => accounts.MailDueAcrossAccounts(now, count, token), (Stored<Account> account, CancellationToken token) => sender.Send(account, token), cancellation);
    }
}
