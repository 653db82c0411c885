namespace LocalAzure.Faults;

/// <summary>
/// What stands in front of an emulated service: counts each request, applies the faults that are asked for, and lets the rest through.
/// Requests that come before the service has opened wait for it.
/// </summary>
internal sealed class ServiceGate(string service, RequestCounts counts)
{
    private readonly TaskCompletionSource<RequestDelegate> opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RequestCounts.Counter counter = counts.For(service);

    public string Service => service;

    public void Open(RequestDelegate emulator) => opened.TrySetResult(emulator);

    public async Task Handle(HttpContext context)
    {
        Count(context.Request);
        var emulator = opened.Task.IsCompletedSuccessfully ? opened.Task.Result : await opened.Task.WaitAsync(context.RequestAborted);
        await emulator(context);
    }

    private void Count(HttpRequest request)
    {
        Span<char> operation = stackalloc char[Operation.MostCharacters];
        counter.Add(operation[..Operation.Write(request, operation)]);
    }
}
