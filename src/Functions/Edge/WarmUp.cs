using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Edge;

/// <summary>
/// Does what the first request would wait for (a token, Cosmos DB's account, where its containers are) from the moment the settings are known, beside the making of
/// the server and while the host still asks whether it is there. Nothing waits for it, and nothing depends on it.
/// </summary>
internal sealed partial class WarmUp(Task attempt, ILogger<WarmUp> log) : BackgroundService
{
    private static readonly string[] Containers = ["directory", "customers"];

    /// <summary>Done when the warm-up is over, one way or the other: what can wait starts then.</summary>
    public Task Done { get; } = Task.WhenAny(attempt);

    public static Task Begin(AzureClients azure) => Task.Run(async () =>
    {
        foreach (var container in Containers)
        {
            using var response = await azure.Database.GetContainer(container).ReadItemStreamAsync("warm-up", new("warm-up"));
        }
    });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await attempt.WaitAsync(stoppingToken);
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            // Whoever asks next finds out for himself, and answers for it.
            NotWarm(log, e.GetType().Name);
        }
    }

    [LoggerMessage(1004, LogLevel.Information, "Cosmos DB could not be reached ahead of the first request: {Exception}")]
    private static partial void NotWarm(ILogger log, string exception);
}
