using System.Diagnostics;

/// <summary>The runtime calls this in an instance of the app before the app begins, where DOTNET_STARTUP_HOOKS names this assembly; it looks for the class by this name, outside of any namespace.</summary>
internal static class StartupHook
{
    public static void Initialize() => DiagnosticListener.AllListeners.Subscribe(new Listeners());

    private sealed class Listeners : IObserver<DiagnosticListener>
    {
        public void OnNext(DiagnosticListener value)
        {
            if (value.Name == "HttpHandlerDiagnosticListener") { value.Subscribe(new Answers(), name => name == Answers.Event); }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }

    /// <summary>Every answer that comes in, in the call that waits for it.</summary>
    private sealed class Answers : IObserver<KeyValuePair<string, object?>>
    {
        public const string Event = "System.Net.Http.Response";

        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Key == Event && value.Value?.GetType().GetProperty("Response")?.GetValue(value.Value) is HttpResponseMessage answer && ThrownOnDemand.IsAskedFor(answer)) { throw new ThrownOnDemandException(); }
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }
    }
}
