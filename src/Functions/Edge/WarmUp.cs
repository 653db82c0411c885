using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Edge;

/// <summary>
/// Does what the first request would wait for (a token, Cosmos DB's account, where its containers are) while the server starts and the host still asks
/// whether it is there. Nothing waits for it, and nothing depends on it.
/// </summary>
internal sealed partial class WarmUp(AzureClients azure, ILogger<WarmUp> log) : BackgroundService
{
    private static readonly string[] Containers = ["directory", "customers"];
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Done when the warm-up is over, one way or the other: what can wait starts then.</summary>
    public Task Done => done.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        try
        {
            foreach (var container in Containers)
            {
                using var response = await azure.Database.GetContainer(container).ReadItemStreamAsync("warm-up", new("warm-up"), cancellationToken: stoppingToken);
            }
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // Whoever asks next finds out for himself, and answers for it.
            NotWarm(log, e.GetType().Name);
        }
        finally
        {
            done.TrySetResult();
        }
    }

    [LoggerMessage(1004, LogLevel.Information, "Cosmos DB could not be reached ahead of the first request: {Exception}")]
    private static partial void NotWarm(ILogger log, string exception);
}
