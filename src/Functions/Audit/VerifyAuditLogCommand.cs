using Azure;
using Azure.Identity;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Audit;

/// <summary>
/// Verifies one log from the command line. It needs the table, somebody who may read it, and nothing of the running app: whoever doubts the app need not ask it.
/// </summary>
internal static class VerifyAuditLogCommand
{
    public const string Option = "--verify-audit-log";

    private const int Intact = 0;
    private const int Broken = 1;
    private const int NotVerified = 2;

    /// <param name="settings">Where the tables are; the rest is not asked.</param>
    /// <param name="partition">Whose log: a customer's id, an account's, or <c>platform</c>.</param>
    /// <returns>The exit code: 0 when the log is as it was written, 1 when not, 2 when that could not be found out.</returns>
    public static async Task<int> Run(AzureSettings settings, string partition)
    {
        using var azure = new AzureClients(settings);
        using var log = new AuditLog(azure, TimeProvider.System);
        try
        {
            return await Verify(log, partition);
        }
        catch (Exception e) when (e is RequestFailedException or AuthenticationFailedException or HttpRequestException)
        {
            return Say(Console.Error, NotVerified, $"{partition}: the log at {settings.TablesEndpoint} could not be read: {e.Message.Split('\n')[0].Trim()}");
        }
    }

    private static async Task<int> Verify(AuditLog log, string partition)
    {
        var head = await log.ReadHead(partition, CancellationToken.None);
        if (head.Sequence == 0) { return Say(Console.Error, NotVerified, $"{partition}: there is no log of that id."); }

        var verifier = new AuditVerifier(log);
        var seen = 0;
        for (string? next = null; ;)
        {
            var verified = await verifier.Verify(partition, next, CancellationToken.None);
            seen += verified.Checked;
            if (verified.Broken is { } broken) { return Say(Console.Error, Broken, $"{partition}: the row of sequence {broken.Sequence} was {broken.Fault.ToString().ToLowerInvariant()}; {seen} events before it are as they were written."); }
            if (verified.Next is null) { return Say(Console.Out, Intact, $"{partition}: intact, {seen} events, head {head.Sequence}, head hash {head.Hash}"); }
            next = verified.Next;
        }
    }

    private static int Say(TextWriter to, int exitCode, string line)
    {
        to.WriteLine(line);
        return exitCode;
    }
}
