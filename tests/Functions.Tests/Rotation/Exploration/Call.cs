namespace CustomerFunctions.Tests.RotationExploration;

/// <summary>An outside call that an activity waits for, until the world decides what becomes of it.</summary>
internal abstract class Call(string name, bool changes)
{
    public string Name => name;

    /// <summary>Whether it changes something outside. What only reads has nothing to be lost or to arrive late.</summary>
    public bool Changes => changes;

    /// <summary>Carries it out, and keeps the answer; says what it was, for people.</summary>
    public abstract string CarryOut();

    /// <summary>Hands the answer over.</summary>
    public abstract void Answer();

    /// <summary>The caller sees a failure: the service's own 503, or no answer at all.</summary>
    public abstract void Fail(bool isRefused);

    public abstract void Cancel(CancellationToken cancellation);
}

internal sealed class Call<T>(string name, bool changes, Func<(T Answer, string Said)> effect, Func<T> refusal, Func<Exception> silence) : Call(name, changes)
{
    // Continuations run inline, on the one thread that there is.
    private readonly TaskCompletionSource<T> source = new();
    private T? answer;

    public Task<T> Task => source.Task;

    public override string CarryOut()
    {
        (answer, var said) = effect();
        return said;
    }

    public override void Answer() => source.TrySetResult(answer!);

    public override void Fail(bool isRefused)
    {
        try
        {
            if (isRefused) { source.TrySetResult(refusal()); }
            else { source.TrySetException(silence()); }
        }
        catch (UnansweredException e)
        {
            source.TrySetException(e);
        }
    }

    public override void Cancel(CancellationToken cancellation) => source.TrySetCanceled(cancellation);
}

/// <summary>No answer came. Of a type that no SDK repeats a call for: that would take real time.</summary>
internal sealed class UnansweredException() : Exception("There was no answer.");
