using System.Net;
using System.Text.Json;
using Azure;
using Azure.Identity;
using CustomerFunctions.Shared.Azure;
using Microsoft.Azure.Cosmos;

namespace CustomerFunctions.Edge;

/// <summary>
/// Where every request begins and every exception ends. It gives the request a deadline, and turns what a handler did not expect into a problem document: bad input
/// 400-415, a dependency that is throttling, down or slow 503 with Retry-After, anything else 500 with nothing of its inside in the answer.
/// </summary>
internal sealed partial class ExceptionEdge(RequestDelegate next, ILogger<ExceptionEdge> log)
{
    /// <summary>A dependency that is down costs a caller this long at the most. Timer functions have their own, longer one.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(9);

    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(2);

    public async Task Invoke(HttpContext context)
    {
        if (!context.Request.Path.StartsWithSegments("/api")) { await InvokeTimer(context); return; }

        var aborted = context.RequestAborted;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        deadline.CancelAfter(Deadline);
        context.RequestAborted = deadline.Token;
        context.Features.Set(new RequestDeadline(deadline, aborted));
        RequestDeadline.Current = deadline.Token;
        try
        {
            await next(context);
        }
        catch (Exception) when (aborted.IsCancellationRequested)
        {
            // Nobody is left to answer.
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            var problem = ProblemFor(e, log, deadline.IsCancellationRequested);
            context.Response.Clear();
            context.RequestAborted = aborted;
            await problem.ExecuteAsync(context);
        }
        catch (Exception e)
        {
            // The answer has begun and cannot be taken back: cut off, it is not taken for the whole.
            AnswerCutOff(log, context.Request.Path, e.GetType().Name, StatusOf(e));
            context.Abort();
        }
    }

    /// <summary>A timer function has no deadline here; it keeps its own budget. A run that cannot even find its work fails, and the host fires the next.</summary>
    private async Task InvokeTimer(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception e) when (!context.Response.HasStarted)
        {
            TimerFailed(log, context.Request.Path, e.GetType().Name, StatusOf(e));
            if (!IsDependencyFailure(e)) { UnhandledException(log, e); }
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
        }
    }

    /// <summary>Whether an exception says that a dependency is throttling, down or too slow: worth another try later, and nobody's bug.</summary>
    public static bool IsDependencyFailure(Exception exception) => exception switch
    {
        CosmosException e => e.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or HttpStatusCode.Gone || (int)e.StatusCode is >= 500 and not 501,
        RequestFailedException e => e.Status is 0 or 408 or 429 or (>= 500 and not 501),
        AggregateException e => e.InnerExceptions.All(IsDependencyFailure),
        AuthenticationFailedException or HttpRequestException or OperationCanceledException or IOException or StaleReadException or ClockSkewException => true,
        _ => false,
    };

    /// <summary>What a caller is told of an exception; what is not the caller's is in the log.</summary>
    public static Problem ProblemFor(Exception exception, ILogger log, bool outOfTime = false)
    {
        var problem = ProblemFor(exception, outOfTime);
        if (problem.StatusCode == StatusCodes.Status500InternalServerError) { UnhandledException(log, exception); }
        if (problem.StatusCode == StatusCodes.Status503ServiceUnavailable) { DependencyUnavailable(log, exception.GetType().Name, StatusOf(exception)); }
        return problem;
    }

    private static Problem ProblemFor(Exception exception, bool outOfTime) => exception switch
    {
        BadHttpRequestException { InnerException: JsonException json } => JsonProblems.Explain(json),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => Failures.TooLarge(RequestBody.MaxBytes),
        BadHttpRequestException { StatusCode: StatusCodes.Status415UnsupportedMediaType } => Failures.UnsupportedMediaType("application/json"),
        // The framework's own words are about its parameters, not about the caller's request. The body was null, or ended early.
        BadHttpRequestException => Failures.Invalid("", "wrong-type", "Expected a whole JSON object."),
        ContinuationRefusedException => Failures.Invalid("?continuation", "unusable", "Begin the list anew; this continuation is of no use."),
        _ when outOfTime || IsDependencyFailure(exception) => Failures.Unavailable(RetryAfter),
        _ => Failures.Unexpected(),
    };

    private static int StatusOf(Exception exception) => exception switch
    {
        CosmosException e => (int)e.StatusCode,
        RequestFailedException e => e.Status,
        _ => 0,
    };

    // Azure's exceptions carry whole request diagnostics; the log gets their type and status, and the stack only of what is our bug.
    [LoggerMessage(1001, LogLevel.Error, "Unhandled exception")]
    private static partial void UnhandledException(ILogger log, Exception exception);

    [LoggerMessage(1005, LogLevel.Error, "The answer of {Path} was cut off: {Exception}, status {Status}")]
    private static partial void AnswerCutOff(ILogger log, PathString path, string exception, int status);

    [LoggerMessage(1003, LogLevel.Error, "{Function} failed: {Exception}, status {Status}")]
    private static partial void TimerFailed(ILogger log, PathString function, string exception, int status);

    [LoggerMessage(1002, LogLevel.Warning, "A dependency did not answer: {Exception}, status {Status}")]
    private static partial void DependencyUnavailable(ILogger log, string exception, int status);
}
