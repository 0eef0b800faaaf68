interface StopActions {
	/** Called at the first signal. */
	readonly stop: () => void;
	/** Called at the second: whoever sends it does not want to wait. */
	readonly cut: () => void;
}

/** Lets SIGTERM and SIGINT end the process cleanly, and a second one at once. Gives what takes the listeners off again. */
export function onStopSignal({stop, cut}: StopActions): () => void {
	let stopping = false;
	const onSignal = () => {
		if (stopping) {
			cut();
		} else {
			stopping = true;
			stop();
		}
	};
	process.on('SIGTERM', onSignal);
	process.on('SIGINT', onSignal);
	return () => {
		process.off('SIGTERM', onSignal);
		process.off('SIGINT', onSignal);
	};
}
