using System.Diagnostics;

namespace LocalAzure;

/// <summary>Stops LocalAzure when the process that wanted it has ended, however that ended: a killed test run leaves nothing behind.</summary>
internal static class ParentWatch
{
    public static IDisposable? Start(int? pid, CancellationTokenSource stop)
    {
        if (pid is not { } id) { return null; }
        try
        {
            var parent = Process.GetProcessById(id);
            _ = Watch(parent, stop);
            return parent;
        }
        catch (ArgumentException e)
        {
            throw new StartRefused($"--parent {id}: there is no such process.", e);
        }
    }

    private static async Task Watch(Process parent, CancellationTokenSource stop)
    {
        try
        {
            await parent.WaitForExitAsync(stop.Token);
            await stop.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // It is being stopped already.
        }
    }
}
