import type {Logger, StorageUsage} from '@stowage/core';
import {type Static, Type} from 'typebox';
import {type Endpoint, defineEndpoint} from '../endpoint.ts';
import type {RestParts} from '../rest-parts.ts';
import {type Measured, type MeasuredRepository, StorageSummary} from './storage-summary.ts';

const repositorySummary = Type.Object({
	repoKey: Type.String(),
	repoType: Type.String(),
	foldersCount: Type.Integer({description: 'Images and tags.'}),
	filesCount: Type.Integer({description: 'Manifests, and blobs that its images hold.'}),
	itemsCount: Type.Integer(),
	usedSpace: Type.String(),
	usedSpaceInBytes: Type.Integer({description: 'Each blob once; other repositories may have it too.'}),
	unsharedSpaceInBytes: Type.Integer({description: 'What it would be if every image had its own.'}),
	packageType: Type.String(),
	projectKey: Type.String(),
	percentage: Type.String(),
});

const storageSummary = Type.Object({
	name: Type.String(),
	driver: Type.String(),
	blobs: Type.Integer(),
	bytes: Type.Integer(),
	unheldBlobs: Type.Integer({description: 'Of these, what no image holds: it is collected later.'}),
	unheldBytes: Type.Integer(),
});

const info = Type.Object({
	binariesSummary: Type.Object({
		binariesCount: Type.String(),
		binariesSize: Type.String(),
		artifactsSize: Type.String({description: 'What it would be if every image had its own.'}),
		optimization: Type.String({description: 'Stored in percent of that.'}),
		itemsCount: Type.String(),
		artifactsCount: Type.String(),
		binariesSizeInBytes: Type.Integer(),
		artifactsSizeInBytes: Type.Integer(),
		savedBytes: Type.Integer({description: 'What sharing saves.'}),
	}),
	fileStoreSummary: Type.Object({storageType: Type.String(), storages: Type.Array(storageSummary)}),
	repositoriesSummaryList: Type.Array(repositorySummary),
	calculatedAt: Type.String({format: 'date-time'}),
});

/** Sizes, by repository and by storage. */
export function storageInfoEndpoints(parts: RestParts): readonly Endpoint[] {
	const summary = new StorageSummary(parts);
	return [
		defineEndpoint({
			method: 'GET',
			path: '/api/storageinfo',
			access: 'admin',
			tag: 'system',
			summary: 'How much is stored, for each repository and on each storage, and what sharing saves.',
			answers: {200: {description: 'Not older than a minute.', schema: info}},
			async handle() {
				return {json: toInfo(await summary.find(), parts)};
			},
		}),
		defineEndpoint({
			method: 'POST',
			path: '/api/storageinfo/calculate',
			audit: false,
			access: 'admin',
			tag: 'system',
			summary: 'Begins to measure anew what `GET /api/storageinfo` shows.',
			answers: {202: {description: 'It has begun.', schema: Type.Object({info: Type.String()})}},
			handle() {
				void measure(summary, parts.logger);
				return {status: 202, json: {info: 'Calculating storage info'}};
			},
		}),
	];
}

async function measure(summary: StorageSummary, logger: Logger): Promise<void> {
	try {
		await summary.calculate();
	} catch (error) {
		logger.error({err: error}, 'the storage could not be measured');
	}
}

function toInfo({at, repositories, storages}: Measured, parts: RestParts): Static<typeof info> {
	const manifestBytes = sum(repositories, ({usage}) => usage.manifestBytes);
	const stored = sum(storages, ({bytes}) => bytes) + manifestBytes;
	const unshared = sum(repositories, ({usage}) => usage.unsharedBytes) + manifestBytes;
	const rows = repositories.map(toRow);
	const artifacts = sum(rows, row => row.filesCount);
	return {
		binariesSummary: {
			binariesCount: String(sum(storages, ({blobs}) => blobs)),
			binariesSize: toSize(stored),
			artifactsSize: toSize(unshared),
			optimization: toPercentage(stored, unshared),
			itemsCount: String(sum(rows, row => row.itemsCount)),
			artifactsCount: String(artifacts),
			binariesSizeInBytes: stored,
			artifactsSizeInBytes: unshared,
			savedBytes: Math.max(0, unshared - stored),
		},
		fileStoreSummary: {
			storageType: [...new Set(Object.values(parts.configuration.storages).map(({driver}) => driver))].join(', '),
			storages: storages.map(usage => toStorage(usage, parts)),
		},
		repositoriesSummaryList: withTotal(rows),
		calculatedAt: at.toISOString(),
	};
}

type Row = Static<typeof repositorySummary>;

function toRow({definition, usage}: MeasuredRepository): Row {
	const foldersCount = usage.images + usage.tags;
	const filesCount = usage.manifests + usage.blobs;
	const bytes = usage.blobBytes + usage.manifestBytes;
	const {projectKey} = definition.attributes ?? {};
	return {
		repoKey: definition.key,
		repoType: definition.type.toUpperCase(),
		foldersCount,
		filesCount,
		itemsCount: foldersCount + filesCount,
		usedSpace: toSize(bytes),
		usedSpaceInBytes: bytes,
		unsharedSpaceInBytes: usage.unsharedBytes + usage.manifestBytes,
		packageType: 'Docker',
		projectKey: typeof projectKey === 'string' && projectKey !== '' ? projectKey : 'default',
		percentage: '0%',
	};
}

function withTotal(rows: readonly Row[]): Row[] {
	const used = sum(rows, row => row.usedSpaceInBytes);
	const total: Row = {
		repoKey: 'TOTAL',
		repoType: 'NA',
		foldersCount: sum(rows, row => row.foldersCount),
		filesCount: sum(rows, row => row.filesCount),
		itemsCount: sum(rows, row => row.itemsCount),
		usedSpace: toSize(used),
		usedSpaceInBytes: used,
		unsharedSpaceInBytes: sum(rows, row => row.unsharedSpaceInBytes),
		packageType: 'NA',
		projectKey: 'NA',
		percentage: '100%',
	};
	return [...rows.map(row => ({...row, percentage: toPercentage(row.usedSpaceInBytes, used)})), total];
}

function toStorage({storage, ...usage}: StorageUsage, {configuration}: RestParts): Static<typeof storageSummary> {
	return {name: storage, driver: configuration.storages[storage]?.driver ?? 'not configured', ...usage};
}

function sum<Item>(items: readonly Item[], valueOf: (item: Item) => number): number {
	return items.reduce((total, item) => total + valueOf(item), 0);
}

const units = ['bytes', 'KB', 'MB', 'GB', 'TB', 'PB'];

function toSize(bytes: number): string {
	const power = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
	return `${power === 0 ? bytes : (bytes / 1024 ** power).toFixed(2)} ${units[power]}`;
}

function toPercentage(part: number, whole: number): string {
	return `${whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100}%`;
}
