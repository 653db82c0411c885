using System.Runtime.InteropServices;

namespace LocalAzure;

/// <summary>LocalAzure as a program: until Ctrl-C, SIGTERM or the end of its parent.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        var (options, refusal) = CommandLine.Parse(args);
        if (refusal is not null)
        {
            await Console.Error.WriteLineAsync($"{refusal} (--help lists the options)");
            return 2;
        }
        if (options!.Help)
        {
            await Console.Out.WriteLineAsync(CommandLine.HelpText);
            return 0;
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = StopOn(PosixSignal.SIGINT, stop);
        using var quit = StopOn(PosixSignal.SIGQUIT, stop);
        using var terminate = StopOn(PosixSignal.SIGTERM, stop);
        try
        {
            using var parent = ParentWatch.Start(options.Parent, stop);
            await using var cloud = await LocalCloud.Start(options, Console.Out.WriteLine, cancellation: stop.Token);
            await cloud.Ended.WaitAsync(stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // An end like any other.
        }
        catch (StartRefused e)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 1;
        }
        return 0;
    }

    private static PosixSignalRegistration StopOn(PosixSignal signal, CancellationTokenSource stop) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        stop.Cancel();
    });
}
