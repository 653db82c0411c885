using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Bulk;

/// <param name="Action">create, patch, suspend, restore, activate, deactivate or delete.</param>
/// <param name="Key">For create: a name of your own for it, at most 100 characters. Sent again with the same key and email, it finds the customer that it made.</param>
/// <param name="Id">The customer; for every action but create.</param>
/// <param name="IfMatch">The customer's ETag; for patch and delete.</param>
/// <param name="Body">What the action's own route takes as its body.</param>
public sealed record BulkItem(
    string? Action = null, string? Key = null, string? Id = null, string? IfMatch = null, [property: JsonConverter(typeof(UncheckedJsonObjectConverter))] JsonObject? Body = null);

/// <param name="Items">1 to 1,000; those of one customer are done in their order.</param>
public sealed record BulkRequest([property: Required] IReadOnlyList<BulkItem?>? Items = null);

/// <param name="Index">The item's place in the request.</param>
/// <param name="Id">The customer, where there is one.</param>
/// <param name="Status">What the action's own route would have answered; 503 also for what was not reached in time.</param>
/// <param name="Problem">Why not, when it was refused.</param>
public sealed record BulkItemResponse(int Index, string? Id, int Status, ProblemDocument? Problem);

/// <param name="Value">One for each item, in the request's order.</param>
public sealed record BulkResponse(IReadOnlyList<BulkItemResponse> Value);

/// <summary>
/// Does up to a thousand changes, each by itself: one that is refused, or fails, says so and keeps no other from being done. The answer is 207, whatever became of them. Each is one write,
/// so none is ever half done; what was not reached in the time of a request has the status 503 and can be sent again, as can the whole.
/// </summary>
internal static class ChangeCustomers
{
    private const int MaxItems = 1_000;
    private const int AtOnce = 8;

    /// <summary>Until when items are begun; and until when those that were begun may take.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(6);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(8);

    public static async Task<Results<JsonHttpResult<BulkResponse>, Problem>> Handle(BulkRequest request, Caller caller, BulkChange change, TimeProvider clock, ILogger<ExceptionEdge> log, HttpContext context, CancellationToken cancellation)
    {
        if (request.Items is not { Count: >= 1 and <= MaxItems } items) { return Failures.Invalid("/items", "out-of-range", $"Expected 1 to {MaxItems} items."); }

        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(Longest);
        var (started, answers) = (clock.GetTimestamp(), new BulkItemResponse[items.Count]);
        var byCustomer = items.Select((item, index) => (item, index)).GroupBy(entry => entry.item?.Id ?? $"#{entry.index}");
        await Parallel.ForEachAsync(byCustomer, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (entries, _) =>
        {
            foreach (var (item, index) in entries)
            {
                var (id, status, refusal) = clock.GetElapsedTime(started) < Budget ? await Do(item, caller, change, log, time.Token) : NotReached(item);
                answers[index] = new BulkItemResponse(index, id, status, refusal?.Document(context));
            }
        });
        return TypedResults.Json(new BulkResponse(answers), ApiJson.Default.BulkResponse, statusCode: StatusCodes.Status207MultiStatus);
    }

    private static async Task<(string? Id, int Status, Problem? Refusal)> Do(BulkItem? item, Caller caller, BulkChange change, ILogger log, CancellationToken cancellation)
    {
        try
        {
            var (id, status, refusal) = item is null ? (null, 0, Failures.Invalid("", "wrong-type", "An item is an object.")) : await change.Apply(item, caller, cancellation);
            return (id, refusal?.Kind.Status ?? status, refusal);
        }
        catch (Exception e) when (ExceptionEdge.IsDependencyFailure(e))
        {
            return NotReached(item);
        }
        catch (Exception e)
        {
            var failure = ExceptionEdge.ProblemFor(e, log);
            return (item?.Id, failure.Kind.Status, failure);
        }
    }

    private static (string? Id, int Status, Problem? Refusal) NotReached(BulkItem? item)
    {
        var refusal = Failures.Unavailable(TimeSpan.FromSeconds(1));
        return (item?.Id, refusal.Kind.Status, refusal);
    }
}
